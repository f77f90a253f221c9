"""A new password for who has forgotten theirs: by a link to the address of the account."""

from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.accounts import User
from services import audit, events, mail
from services.accounts import proofs
from services.accounts.credentials import checked_email
from services.accounts.errors import LinkInvalid
from services.accounts.letters import (
    CHANGE_EMAIL,
    RESET_PASSWORD,
    link_facts,
    send_password_changed,
)
from services.accounts.proofs import Proof
from services.accounts.sessions import end_sessions

BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


class Recovered(NamedTuple):
    """An account that is its owner's again.

    distrusted_since: since when somebody else may have had it; None: nobody had.
    """

    user_id: UUID
    distrusted_since: datetime | None


async def request_reset(session: AsyncSession, *, email: str, language: str, base_url: str) -> None:
    """Write to an address: a link to a new password, or that there is no account.

    Whoever asks sees neither: the same rows are written either way, so that it takes as long, too.
    language: for who has no account that would say.

    Raises: InvalidInput for what is no address.
    """
    address = checked_email(email, "email")
    found = select(User.id, User.language).where(User.email == address, User.is_active)
    user = (await session.execute(found)).one_or_none()
    user_id, kind = (user.id, RESET_PASSWORD) if user else (None, "NO_ACCOUNT")
    proof = Proof(user_id, {"email": address})
    written_in = user.language if user else language
    facts = await link_facts(
        session, purpose=RESET_PASSWORD, proof=proof, base_url=base_url, language=written_in
    )
    letter = mail.Letter(kind, address, written_in, facts)
    await mail.send(session, letter)
    person = {"email": address}
    asked = audit.entry("PASSWORD_RESET_REQUESTED", "User", user_id, person=person)
    await audit.record(session, asked)


async def reset_password(session: AsyncSession, *, token: str, password_hash: str) -> Recovered:
    """Keep another password, and end every sign-in of the account.

    Whoever got the link has the address: it is verified as well. Whoever had the account without
    having shown that may have been somebody else: ways to sign in that they added are not theirs.

    Raises: LinkInvalid.
    """
    proof = await proofs.take(session, purpose=RESET_PASSWORD, text=token)
    if proof is None or proof.user_id is None:
        raise LinkInvalid(path=("token",))
    before = select(User.email_verified_at).where(User.id == proof.user_id)
    verified_at = await session.scalar(before.with_for_update(key_share=True))
    changed = (
        update(User)
        .where(User.id == proof.user_id, User.email == proof.facts["email"], User.is_active)
        .values(
            password_hash=password_hash,
            email_verified_at=verified_at or now(),
            version=User.version + 1,
        )
        .returning(User.id, User.email, User.language)
    )
    user = (await session.execute(changed)).one_or_none()
    if user is None:
        raise LinkInvalid(path=("token",))
    await end_sessions(session, user_id=user.id)
    await proofs.forget(session, user_id=user.id, purposes=[RESET_PASSWORD, CHANGE_EMAIL])
    await send_password_changed(session, email=user.email, language=user.language)
    await events.record(session, events.event("UserPasswordChanged", user.id))
    await audit.record(session, audit.entry("PASSWORD_RESET", "User", user.id))
    return Recovered(user.id, None if verified_at else BEGINNING)
