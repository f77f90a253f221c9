"""Signing in: what somebody shows is checked here, whoever asks, and nowhere else.

The same for the API and for the login page: brakes, equal time, the audit log and the second
factor are inside. Who has a `Proven` opens a sign-in with it (`services.accounts.sign_in`).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.brakes import SECOND_FACTOR, SIGN_IN, TOKEN, Brakes
from auth.passkeys import Answer, Passkeys, challenge_of, credential_id_of
from auth.passwords import Verdict, verify
from auth.totp import CODE, Generators
from core.db import Database, Reader, Row
from core.identity import Caller, CallerKind
from core.settings import Settings
from services import accounts, audit, factors
from services.accounts import Credentials
from services.factors import PasskeyRefused, SecondFactor, SecondFactorFailed, Ticket

PASSWORD: Final = ("pwd",)
ONE_TIME_CODE: Final = ("otp", "mfa")  # as RFC 8176 names them
PASSKEY: Final = ("hwk", "user", "mfa")
PROVIDER: Final = ("fed",)


@dataclass(frozen=True, slots=True)
class Proven:
    """Somebody who has shown who they are.

    known: the account's credentials as they were then: who opens a sign-in looks whether they
    still are. amr: how it was shown, as RFC 8176 names it.
    """

    user_id: UUID
    known: Credentials
    amr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Halfway:
    """Somebody whose account asks for a second factor. The ticket is good for a few tries."""

    ticket: str = field(repr=False)
    methods: tuple[SecondFactor, ...]


class SignIns:
    """Checks what is shown; one per process."""

    def __init__(self, db: Database, reader: Reader, settings: Settings, brakes: Brakes) -> None:
        self._db, self._reader, self._brakes = db, reader, brakes
        self.generators, self.passkeys = Generators(settings), Passkeys(settings)

    async def with_password(self, *, email: str, password: str) -> Proven | Halfway:
        """Unknown accounts and closed ones take as long as a wrong password.

        Raises: SignInFailed; auth.brakes.Throttled; core.errors.Unavailable.
        """
        await self._brakes.check(SIGN_IN, accounts.tried_email(email))
        known = await accounts.credentials_of_email(self._reader, email)
        verdict = await _verdict(known, password)
        if known is None or not verdict.is_right:
            await self._note_failure(known.user_id if known else None, PASSWORD, email=email)
            raise accounts.SignInFailed
        if verdict.better_hash:
            known = await self._with_better_hash(known, verdict.better_hash)
        return await self._passed(known, PASSWORD)

    async def with_identity(self, user_id: UUID) -> Proven | Halfway:
        """By an account of an outside provider, which has just vouched for it.

        Raises: SignInFailed for a closed account.
        """
        known = await accounts.credentials_of_user(self._reader, user_id)
        if known is None:
            await self._note_failure(user_id, PROVIDER)
            raise accounts.SignInFailed
        return await self._passed(known, PROVIDER)

    async def _passed(self, known: Credentials, amr: tuple[str, ...]) -> Proven | Halfway:
        """The first factor was shown; whether that is enough, the account decides."""
        methods = await factors.second_factors(self._reader, known.user_id)
        if methods:
            async with self._db.transaction() as session:
                ticket = await factors.open_ticket(session, known=known, amr=amr)
            return Halfway(ticket, methods)
        async with self._db.transaction() as session:
            proven = await _proven(session, known, amr)
        await self._entered(proven)
        return proven

    async def with_code(self, *, ticket: str, code: str) -> Proven:
        """The second half, by a one-time code or, of any other form, a recovery code.

        Raises: SecondFactorFailed; auth.brakes.Throttled.
        """
        waiting, known = await self._waiting(ticket)
        async with self._db.transaction() as session:  # kept whatever comes: tries are counted
            proven = None
            if await factors.count_try(session, ticket) and await self._use(session, known, code):
                await factors.use_ticket(session, ticket)
                proven = await _proven(session, known, (*waiting.amr, *ONE_TIME_CODE))
        if proven is None:
            await self._note_failure(known.user_id, ONE_TIME_CODE)
            raise SecondFactorFailed
        await self._entered(proven, is_second=True)
        return proven

    async def with_passkey(self, *, credential: Answer, ticket: str | None = None) -> Proven:
        """A sign-in by a passkey alone, or the second half of one.

        Raises: PasskeyRefused, SecondFactorFailed; auth.brakes.Throttled.
        """
        if ticket is None:
            await self._brakes.check(SIGN_IN)
            proven = await self._by_passkey(credential)
            await self._brakes.passed(SIGN_IN)
            return proven
        waiting, _ = await self._waiting(ticket)
        async with self._db.transaction() as session:
            has_try = await factors.count_try(session, ticket)
        if not has_try:
            raise SecondFactorFailed
        proven = await self._by_passkey(credential, ticket=ticket, waiting=waiting)
        await self._entered(proven, is_second=True)
        return proven

    async def passkey_request(self, *, ticket: str | None = None) -> dict[str, object]:
        """What the browser is asked for `with_passkey`.

        Raises: SecondFactorFailed for a ticket that is not good; auth.brakes.Throttled.
        """
        known: Sequence[Row] = ()
        waiting = None
        if ticket is None:
            await self._brakes.check(TOKEN)
        else:
            waiting, _ = await self._waiting(ticket)
            known = await factors.passkeys_of(self._reader, waiting.user_id)
        async with self._db.transaction() as session:
            challenge = await factors.begin_sign_in(
                session,
                ticket_digest=_digest(ticket),
                user_id=waiting.user_id if waiting else None,
            )
        return self.passkeys.request(challenge=challenge, known=known)

    async def _by_passkey(
        self, credential: Answer, *, ticket: str | None = None, waiting: Ticket | None = None
    ) -> Proven:
        """The challenge is used up first, in a transaction that is kept whatever comes."""
        challenge, credential_id = challenge_of(credential), credential_id_of(credential)
        async with self._db.transaction() as session:
            is_ours = await factors.take_challenge(
                session, challenge, ticket_digest=_digest(ticket)
            )
        passkey = await factors.passkey_of(self._reader, credential_id)
        if not is_ours or passkey is None:
            raise await self._refused(passkey)
        known = await accounts.credentials_of_user(self._reader, passkey["user_id"])
        if known is None or (waiting and not waiting.is_for(known)):
            raise await self._refused(passkey)
        try:
            count = self.passkeys.sign_count(credential, challenge=challenge, passkey=passkey)
        except PasskeyRefused:
            raise await self._refused(passkey) from None
        amr = (*waiting.amr, *PASSKEY) if waiting else PASSKEY
        async with self._db.transaction() as session:
            used = await factors.use_passkey(session, passkey_id=passkey["id"], sign_count=count)
            if used:
                if ticket:
                    await factors.use_ticket(session, ticket)
                return await _proven(session, known, amr)
        raise await self._refused(passkey, counted=count)

    async def _waiting(self, ticket: str) -> tuple[Ticket, Credentials]:
        """The sign-in that waits, and the account's credentials; counts as a try of the account."""
        waiting = await factors.find_ticket(self._reader, ticket)
        if waiting is None:
            await self._brakes.check(SECOND_FACTOR)
            raise SecondFactorFailed
        await self._brakes.check(SECOND_FACTOR, str(waiting.user_id))
        known = await accounts.credentials_of_user(self._reader, waiting.user_id)
        if known is None or not waiting.is_for(known):
            raise SecondFactorFailed
        return waiting, known

    async def _use(self, session: AsyncSession, known: Credentials, code: str) -> bool:
        user_id = known.user_id
        if not CODE.fullmatch(code.replace(" ", "")):
            left = await factors.use_recovery_code(session, user_id=user_id, code=code)
            if left is not None:
                facts = {"left": left}
                used = audit.entry("RECOVERY_CODE_USED", "User", user_id, after=facts)
                await audit.record(session, used)
            return left is not None
        secret = await factors.active_totp(session, user_id=user_id)
        step = self.generators.step(secret, code, user_id=user_id) if secret else None
        return step is not None and await factors.use_step(session, user_id=user_id, step=step)

    async def _entered(self, proven: Proven, *, is_second: bool = False) -> None:
        """What succeeded was no guess."""
        await self._brakes.passed(SIGN_IN, proven.known.email)
        if is_second:
            await self._brakes.passed(SECOND_FACTOR, str(proven.user_id))

    async def _refused(self, passkey: Row | None, *, counted: int | None = None) -> PasskeyRefused:
        """counted: what a passkey's counter said that had been further on: there is a copy."""
        if counted is not None and passkey is not None:
            facts = {"counted": counted}
            copied = audit.entry("PASSKEY_COPY_SUSPECTED", "Passkey", passkey["id"], after=facts)
            await audit.note(self._db, copied)
        await self._note_failure(None if passkey is None else passkey["user_id"], PASSKEY)
        return PasskeyRefused(path=("credential",))

    async def _note_failure(
        self, user_id: UUID | None, amr: tuple[str, ...], *, email: str | None = None
    ) -> None:
        """email: as it was typed; kept in one spelling, by which an erasure finds it."""
        said = accounts.tried_email(email)[: accounts.MAX_EMAIL] if email else ""
        person = {"email": said} if said else None
        facts = {"methods": list(amr)}
        await audit.note(
            self._db, audit.entry("SIGN_IN_FAILED", "User", user_id, after=facts, person=person)
        )

    async def _with_better_hash(self, known: Credentials, better_hash: str) -> Credentials:
        """Keep a better hash of the same password.

        Of two sign-ins at once one keeps its own; the other goes on with that.
        """
        async with self._db.transaction() as session:
            is_kept = await accounts.keep_better_hash(session, known=known, better_hash=better_hash)
        if is_kept:
            return Credentials(known.user_id, known.email, better_hash)
        return await accounts.credentials_of_user(self._reader, known.user_id) or known


async def _proven(session: AsyncSession, known: Credentials, amr: tuple[str, ...]) -> Proven:
    facts = {"methods": list(amr)}
    entered = Caller(CallerKind.USER, known.user_id)
    await audit.record(
        session, audit.entry("SIGNED_IN", "User", known.user_id, after=facts, actor=entered)
    )
    return Proven(known.user_id, known, amr)


async def _verdict(known: Credentials | None, password: str) -> Verdict:
    if len(password) > accounts.MAX_PASSWORD:
        return Verdict(is_right=False)  # as soon for everybody
    return await verify(password, known.password_hash if known else None)


def _digest(ticket: str | None) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest() if ticket else ""
