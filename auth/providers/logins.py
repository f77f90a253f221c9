"""Signing in at an outside provider: sent there, come back, and known to be the same person."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final
from uuid import UUID

from auth.brakes import SIGN_IN, TOKEN, Brakes
from auth.providers.flow import Begun, Provider
from auth.providers.oidc import Oidc
from auth.providers.outgoing import Outgoing, ProviderFault
from auth.providers.wechat import WeChat
from core.db import Database
from core.errors import InvalidInput, NotFound
from core.login_providers import LoginProvider
from core.settings import Settings
from services import accounts, audit, factors
from services.factors import Login, Outside, ProviderRefused

SECRET_BYTES: Final = 32
MAX_CHARACTERS: Final = 2048
KINDS: Final[Mapping[str, Callable[[LoginProvider, Outgoing], Provider]]] = {
    "oidc": Oidc,
    "wechat": WeChat,
}

log = logging.getLogger("auth.providers")


@dataclass(frozen=True, slots=True)
class Started:
    """address: where to send the person; login: what the client keeps until they are back."""

    address: str = field(repr=False)
    login: Login


class Logins:
    """The configured providers; one per process."""

    def __init__(self, db: Database, settings: Settings, brakes: Brakes) -> None:
        self._db, self._brakes = db, brakes
        self._outgoing = Outgoing(may_stay_here=settings.environment == "development")
        self._providers: dict[str, Provider] = {
            each.name: KINDS[each.kind](each, self._outgoing) for each in settings.login_providers
        }

    async def close(self) -> None:
        await self._outgoing.close()

    @property
    def offered(self) -> Sequence[LoginProvider]:
        return [provider.settings for provider in self._providers.values()]

    async def start(self, *, name: str, redirect_uri: str, user_id: UUID | None = None) -> Started:
        """user_id: who wants to link an account of the provider to theirs; None: a sign-in.

        Raises: NotFound, InvalidInput, ProviderRefused; auth.brakes.Throttled.
        """
        provider = self._providers.get(name)
        if provider is None:
            raise NotFound(kind="LoginProvider", id=name[:100], path=("provider",))
        if redirect_uri not in provider.settings.redirect_uris:
            problem = "This is none of the redirect URIs that are set for the provider."
            raise InvalidInput(problem=problem, path=("redirectUri",))
        await self._brakes.check(TOKEN)
        nonce, code_verifier = (secrets.token_urlsafe(SECRET_BYTES) for _ in range(2))
        begun = Begun(name, redirect_uri, nonce, code_verifier)
        async with self._db.transaction() as session:
            login = await factors.begin_login(session, user_id=user_id, facts=asdict(begun))
        try:
            return Started(await provider.address(begun, state=login.state), login)
        except ProviderFault as fault:
            raise _refused(name, fault) from None

    async def finish(
        self, login: Login, *, code: str, issuer: str | None, user_id: UUID | None = None
    ) -> Outside:
        """Who came back; whether somebody here is linked to them is the caller's to find out.

        A try to sign in, which counts until `SignIns` has taken it back.

        Raises: ProviderRefused; auth.brakes.Throttled.
        """
        await self._brakes.check(SIGN_IN)
        async with self._db.transaction() as session:  # kept whatever comes: it is good once
            facts = await factors.take_login(session, login, user_id=user_id)
        provider = self._providers.get(facts.get("provider", ""))
        if provider is None or not 1 <= len(code) <= MAX_CHARACTERS:
            await self._note_failure(facts)
            raise ProviderRefused
        try:
            outside = await provider.person(Begun(**facts), code=code, issuer=issuer)
        except ProviderFault as fault:
            await self._note_failure(facts)
            raise _refused(provider.settings.name, fault) from None
        return outside

    async def user_of(self, outside: Outside, *, language: str) -> UUID | None:
        """Who is linked to somebody outside; a new account for an address that is checked and free.

        None: whoever has the address here must say themselves that both are theirs.
        """
        async with self._db.transaction() as session:
            user_id = await factors.linked_user(session, outside)
        if user_id is not None or not outside.email:
            return user_id
        try:
            async with self._db.transaction() as session:
                return await factors.open_account(session, outside, language=language)
        except (accounts.EmailTaken, factors.IdentityTaken):
            return None

    async def _note_failure(self, facts: Mapping[str, str]) -> None:
        about = {"methods": ["fed"], "provider": facts.get("provider")}
        await audit.note(self._db, audit.entry("SIGN_IN_FAILED", "User", None, after=about))


def _refused(name: str, fault: ProviderFault) -> ProviderRefused:
    log.warning("login provider", extra={"provider": name, "problem": str(fault)})
    return ProviderRefused()
