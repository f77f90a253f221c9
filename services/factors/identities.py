"""Accounts at outside providers: who is behind them here, linked and unlinked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from models.factors import Identity
from services import accounts, audit
from services.accounts import proofs
from services.accounts.users import LONGEST_NAME, locked
from services.factors.errors import (
    IdentityTaken,
    LinkTicketInvalid,
    ProviderLinked,
    ProviderRefused,
)
from services.factors.letters import Change, tell
from services.factors.ways import check_other_way, check_recent

LOGIN: Final = "PROVIDER_LOGIN"
LOGIN_LIFETIME: Final = timedelta(minutes=10)
LINK: Final = "LINK_IDENTITY"
LINK_LIFETIME: Final = timedelta(minutes=15)
STATE_CHARACTERS: Final = 22  # 132 bits; the other half of a proof has 126
LONGEST_SUBJECT: Final = 255  # Source: OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True)
class Outside:
    """Somebody at a provider, as the provider has just proven.

    email: empty unless the provider says that it has checked it.
    """

    provider: str
    issuer: str
    subject: str
    email: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)

    @classmethod
    def checked(
        cls, *, provider: str, issuer: str, subject: str, email: Any = "", **names: Any
    ) -> "Outside":
        """Of what a provider says: an address or a name that is none here is left out.

        Raises: ProviderRefused for a subject that is none.
        """
        if not 1 <= len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise ProviderRefused
        return cls(
            provider=provider,
            issuer=issuer,
            subject=subject,
            email=_address(email),
            **{name: _name(text) for name, text in names.items()},
        )


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in at a provider that has begun.

    state: goes there and comes back; verifier: stays with the client. Together they are the proof
    that it is the client's own sign-in: a callback that somebody else got hold of, or made the
    client open, is worthless.
    """

    state: str
    verifier: str = field(repr=False)


async def begin_login(
    session: AsyncSession, *, user_id: UUID | None, facts: Mapping[str, Any]
) -> Login:
    """user_id: who wants to link the account of the provider; None: somebody signs in."""
    text = await proofs.create(
        session, purpose=LOGIN, user_id=user_id, facts=facts, lifetime=LOGIN_LIFETIME
    )
    return Login(text[:STATE_CHARACTERS], text[STATE_CHARACTERS:])


async def take_login(
    session: AsyncSession, login: Login, *, user_id: UUID | None
) -> Mapping[str, Any]:
    """What the sign-in began with; it is used up, also for somebody whose it is not.

    The caller's transaction must be kept.
    """
    is_whole = len(login.state) == STATE_CHARACTERS
    text = login.state + login.verifier if is_whole else ""
    proof = await proofs.take(session, purpose=LOGIN, text=text)
    return proof.facts if proof and proof.user_id == user_id else {}


async def linked_user(session: AsyncSession, outside: Outside) -> UUID | None:
    """Whose account the identity is linked to; notes the use of it."""
    mine = (Identity.issuer == outside.issuer, Identity.subject == outside.subject)
    used = update(Identity).where(*mine).values(last_used_at=now()).returning(Identity.user_id)
    found: UUID | None = await session.scalar(used)
    return found


async def open_account(session: AsyncSession, outside: Outside, *, language: str) -> UUID:
    """An account for an address that the provider has checked and nobody has here.

    It has no password: nothing begins with "!" that is a hash.

    Raises: InvalidInput, EmailTaken.
    """
    assert outside.email, "an address that nobody has checked opens no account"
    user_id = await accounts.create_user(
        session,
        email=outside.email,
        password_hash="!",  # noqa: S106 - not the hash of anything
        first_name=outside.first_name,
        last_name=outside.last_name,
        language=language,
        is_verified=True,
    )
    await _link(session, user_id, outside)
    return user_id


async def offer_link(session: AsyncSession, outside: Outside) -> str:
    """A ticket with which whoever is signed in to an account may link it to the identity."""
    facts = {
        "provider": outside.provider,
        "issuer": outside.issuer,
        "subject": outside.subject,
    }
    return await proofs.create(session, purpose=LINK, facts=facts, lifetime=LINK_LIFETIME)


async def take_link(session: AsyncSession, ticket: str) -> Outside:
    """Raises: LinkTicketInvalid."""
    proof = await proofs.take(session, purpose=LINK, text=ticket)
    if proof is None:
        raise LinkTicketInvalid(path=("ticket",))
    return Outside(**proof.facts)


async def link(session: AsyncSession, *, user_id: UUID, outside: Outside) -> UUID:
    """Link an identity to a user, who has shown that both are theirs. Again: no-op.

    Raises: IdentityTaken, NotFound, ProviderLinked.
    """
    user = await locked(session, user_id)
    same = (Identity.user_id == user_id, Identity.provider == outside.provider)
    columns = select(Identity.id, Identity.issuer, Identity.subject)
    linked = (await session.execute(columns.where(*same))).one_or_none()
    if linked is not None:
        if (linked.issuer, linked.subject) != (outside.issuer, outside.subject):
            raise ProviderLinked
        already: UUID = linked.id
        return already
    identity_id = await _link(session, user_id, outside)
    await tell(session, user, Change.PROVIDER_LINKED)
    return identity_id


async def unlink(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None, identity_id: UUID
) -> None:
    """Raises: LastWayToSignIn, NotFound, RecentSignInRequired."""
    await check_recent(session, session_id=session_id)
    user = await locked(session, user_id)
    await check_other_way(session, user_id=user_id, besides=identity_id, path=("id",))
    mine = delete(Identity).where(Identity.id == identity_id, Identity.user_id == user_id)
    gone: Any = await session.execute(mine)
    if not gone.rowcount:
        raise NotFound(kind="Identity", id=identity_id, path=("id",))
    await tell(session, user, Change.PROVIDER_UNLINKED)
    await audit.record(session, audit.entry("IDENTITY_UNLINKED", "Identity", identity_id))


async def _link(session: AsyncSession, user_id: UUID, outside: Outside) -> UUID:
    identity_id = new_id()
    made = (
        insert(Identity)
        .values(
            id=identity_id,
            user_id=user_id,
            provider=outside.provider,
            issuer=outside.issuer,
            subject=outside.subject,
        )
        .on_conflict_do_nothing(index_elements=["issuer", "subject"])
        .returning(Identity.id)
    )
    if (await session.execute(made)).first() is None:
        raise IdentityTaken
    facts = {"provider": outside.provider, "user": user_id.hex}
    await audit.record(
        session, audit.entry("IDENTITY_LINKED", "Identity", identity_id, after=facts)
    )
    return identity_id


def _address(text: Any) -> str:
    try:
        return accounts.checked_email(text) if isinstance(text, str) else ""
    except InvalidInput:
        return ""


def _name(text: Any) -> str:
    if not isinstance(text, str):
        return ""
    letters = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(letters.split())[:LONGEST_NAME].strip()
