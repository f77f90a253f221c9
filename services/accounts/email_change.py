"""Another e-mail address for an account: confirmed from the new one, told to the old one.

The old one can take it back for a while: whoever got into an account must not be able to lock its
owner out by changing the address. Not so an address that nobody has shown to be theirs: it may be
a stranger's, whose the account never was.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import InvalidInput
from models.accounts import User
from services import audit, events, mail
from services.accounts import proofs
from services.accounts.credentials import checked_email
from services.accounts.errors import EmailTaken, LinkInvalid
from services.accounts.letters import (
    CHANGE_EMAIL,
    RESET_PASSWORD,
    UNDO_EMAIL_CHANGE,
    VERIFY_EMAIL,
    link_facts,
)
from services.accounts.proofs import Proof
from services.accounts.recovery import Recovered
from services.accounts.sessions import end_sessions
from services.accounts.users import locked

NO_PASSWORD: Final = "!"  # noqa: S105 - no hash: no password opens the account
PREPARING: Final = timedelta(days=1)
OF_AN_ADDRESS: Final = [VERIFY_EMAIL, RESET_PASSWORD, CHANGE_EMAIL]


async def request_email_change(
    session: AsyncSession, *, user_id: UUID, email: str, base_url: str
) -> None:
    """Write to the new address: a link to confirm it, or that it has an account already.

    Whoever asks sees neither, and it takes as long.

    Raises: InvalidInput for what is no address, or no other one.
    """
    address = checked_email(email, "email")
    user = await locked(session, user_id)
    if address == user.email:
        raise InvalidInput(problem="That is the address of the account already.", path=("email",))
    is_taken = await session.scalar(select(exists().where(User.email == address)))
    proof = Proof(user_id, {"email": address, "was": user.email})
    facts = await link_facts(
        session, purpose=CHANGE_EMAIL, proof=proof, base_url=base_url, language=user.language
    )
    kind = "ACCOUNT_EXISTS" if is_taken else CHANGE_EMAIL
    await mail.send(session, mail.Letter(kind, address, user.language, facts))
    person = {"email": address}
    asked = audit.entry("EMAIL_CHANGE_REQUESTED", "User", user_id, person=person)
    await audit.record(session, asked)


async def confirm_email_change(session: AsyncSession, *, token: str, base_url: str) -> UUID:
    """Use the new address from now on; every sign-in ends. Whose account it is.

    The old address is told; it gets a link to undo the change if it was shown to be the user's.
    The link alone is not enough: whoever calls this has seen a password or a sign-in (`tries`).

    Raises: LinkInvalid, EmailTaken.
    """
    proof = await proofs.take(session, purpose=CHANGE_EMAIL, text=token)
    if proof is None or proof.user_id is None:
        raise LinkInvalid(path=("token",))
    before = select(User.email_verified_at).where(User.id == proof.user_id)
    was_verified = await session.scalar(before.with_for_update(key_share=True))
    user = await _moved(session, proof, User.email == proof.facts["was"])
    facts: dict[str, object] = {"link": ""}
    if was_verified:
        undo = Proof(user.id, {"email": proof.facts["was"], "changed_at": now().isoformat()})
        facts = await link_facts(
            session,
            purpose=UNDO_EMAIL_CHANGE,
            proof=undo,
            base_url=base_url,
            language=user.language,
        )
    letter = mail.Letter("EMAIL_CHANGED", proof.facts["was"], user.language, facts)
    await mail.send(session, letter)
    await _note(session, "EMAIL_CHANGED", user, before=proof.facts["was"])
    user_id: UUID = user.id
    return user_id


async def undo_email_change(session: AsyncSession, *, token: str, base_url: str) -> Recovered:
    """Give the account back to an address that it had, whatever it has now.

    Its password may be known to whoever changed the address: it opens nothing any more, and a link
    to a new one is sent. Ways to sign in that are newer than PREPARING before the change may be
    theirs; older ones stay, lest an old mailbox be enough to get past a second factor.

    Raises: LinkInvalid, EmailTaken.
    """
    proof = await proofs.take(session, purpose=UNDO_EMAIL_CHANGE, text=token)
    if proof is None or proof.user_id is None:
        raise LinkInvalid(path=("token",))
    user = await _moved(session, proof, password_hash=NO_PASSWORD)
    await proofs.forget(session, user_id=user.id, purposes=[UNDO_EMAIL_CHANGE])
    reset = Proof(user.id, {"email": user.email})
    facts = await link_facts(
        session, purpose=RESET_PASSWORD, proof=reset, base_url=base_url, language=user.language
    )
    await mail.send(session, mail.Letter("EMAIL_CHANGE_UNDONE", user.email, user.language, facts))
    await _note(session, "EMAIL_CHANGE_UNDONE", user, before="")
    changed_at = datetime.fromisoformat(proof.facts["changed_at"])
    return Recovered(user.id, changed_at - PREPARING)


async def _moved(session: AsyncSession, proof: Proof, *conditions: Any, **values: str) -> Any:
    """The user, with the address of the proof; links to another address are worthless now."""
    moved = (
        update(User)
        .where(User.id == proof.user_id, User.is_active, *conditions)
        .values(
            email=proof.facts["email"],
            email_verified_at=now(),
            version=User.version + 1,
            **values,
        )
        .returning(User.id, User.email, User.language, User.version)
    )
    try:
        user = (await session.execute(moved)).one_or_none()
    except IntegrityError:  # whoever has the address was faster, or did not tell us
        raise EmailTaken(path=("token",)) from None
    if user is None:
        raise LinkInvalid(path=("token",))
    await end_sessions(session, user_id=user.id)
    await proofs.forget(session, user_id=user.id, purposes=OF_AN_ADDRESS)
    return user


async def _note(session: AsyncSession, action: str, user: Any, *, before: str) -> None:
    person = {"before": before, "after": user.email} if before else {"after": user.email}
    await events.record(session, events.event("UserChanged", user.id, version=user.version))
    await audit.record(session, audit.entry(action, "User", user.id, person=person))
