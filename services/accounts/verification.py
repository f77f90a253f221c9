"""Whether an e-mail address is its user's: shown by a link that was sent to it.

Whoever registers shows it before there is an account; this is for accounts that were made by other
hands. Until it is shown they can shop, but nothing of anybody comes to them because of the address.
"""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.accounts import User
from services import audit, events, mail
from services.accounts import proofs
from services.accounts.credentials import checked_email
from services.accounts.errors import LinkInvalid
from services.accounts.letters import VERIFY_EMAIL, link_facts
from services.accounts.proofs import Proof


async def ask_to_confirm(session: AsyncSession, *, user_id: UUID, base_url: str) -> None:
    """Send the user a link that shows the address to be theirs; not when they showed it before.

    The link is good for this address only: not for one that the account has later.
    """
    found = select(User.email, User.language).where(
        User.id == user_id, User.is_active, User.email_verified_at.is_(None)
    )
    user = (await session.execute(found)).one_or_none()
    if user is None:
        return
    proof = Proof(user_id, {"email": user.email})
    facts = await link_facts(
        session, purpose=VERIFY_EMAIL, proof=proof, base_url=base_url, language=user.language
    )
    await mail.send(session, mail.Letter(VERIFY_EMAIL, user.email, user.language, facts))


async def request_confirmation(
    session: AsyncSession, *, email: str, language: str, base_url: str
) -> None:
    """Write to an address: a link that shows it to be its account's, or that there is no need.

    Whoever asks sees neither: the same rows are written either way, so that it takes as long, too.
    language: for who has no account that would say.

    Raises: InvalidInput for what is no address.
    """
    address = checked_email(email, "email")
    found = select(User.id, User.language).where(
        User.email == address, User.is_active, User.email_verified_at.is_(None)
    )
    user = (await session.execute(found)).one_or_none()
    user_id, kind = (user.id, VERIFY_EMAIL) if user else (None, "NOTHING_TO_CONFIRM")
    written_in = user.language if user else language
    proof = Proof(user_id, {"email": address})
    facts = await link_facts(
        session, purpose=VERIFY_EMAIL, proof=proof, base_url=base_url, language=written_in
    )
    await mail.send(session, mail.Letter(kind, address, written_in, facts))
    person = {"email": address}
    asked = audit.entry("EMAIL_CONFIRMATION_REQUESTED", "User", user_id, person=person)
    await audit.record(session, asked)


async def confirm_email(session: AsyncSession, *, token: str) -> UUID:
    """The address is its user's; whose.

    Raises: LinkInvalid.
    """
    proof = await proofs.take(session, purpose=VERIFY_EMAIL, text=token)
    if proof is None:
        raise LinkInvalid(path=("token",))
    confirmed = (
        update(User)
        .where(User.id == proof.user_id, User.email == proof.facts["email"], User.is_active)
        .values(email_verified_at=now(), version=User.version + 1)
        .returning(User.id, User.version)
    )
    user = (await session.execute(confirmed)).one_or_none()
    if user is None:
        raise LinkInvalid(path=("token",))
    await events.record(session, events.event("UserChanged", user.id, version=user.version))
    await audit.record(session, audit.entry("EMAIL_VERIFIED", "User", user.id))
    user_id: UUID = user.id
    return user_id
