"""What accounts keep about a person, and the address of a copy of all that is kept about them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, Reader, Statement
from models.accounts import Address, Session, User
from models.mail import QueuedLetter
from models.oauth import Consent, OAuthClient
from services import audit
from services.accounts import proofs
from services.accounts.letters import EXPORT_DATA, LIFETIMES, link_facts
from services.accounts.proofs import Proof
from services.personal import Copy, copied

_PROFILE: Final = [column for column in User.__table__.c if column.name != "password_hash"]


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    """Profile, addresses, sign-ins, what other programs may do, and letters that wait."""
    of_user = select(User.email).where(User.id == user_id).scalar_subquery()
    mine: dict[str, Statement] = {
        "profile": select(*_PROFILE).where(User.id == user_id),
        "addresses": select(*Address.__table__.c).where(Address.user_id == user_id),
        "sign_ins": select(*Session.__table__.c).where(Session.user_id == user_id),
        "programs": select(OAuthClient.name, Consent.scopes, Consent.granted_at)
        .join(OAuthClient, OAuthClient.id == Consent.client_id)
        .where(Consent.user_id == user_id),
        "letters_waiting": select(
            QueuedLetter.kind, QueuedLetter.recipient, QueuedLetter.created_at
        ).where(QueuedLetter.recipient == of_user),
    }
    return await copied(session, mine)


async def offer_copy(
    session: AsyncSession, *, user_id: UUID, session_id: UUID | None, base_url: str
) -> tuple[str, datetime]:
    """An address of the copy, good for a few minutes of an open sign-in; and when that ends."""
    sign_in = session_id.hex if session_id else ""
    proof = Proof(user_id, {"session_id": sign_in})
    facts = await link_facts(session, purpose=EXPORT_DATA, proof=proof, base_url=base_url)
    await audit.record(session, audit.entry("PERSONAL_DATA_EXPORTED", "User", user_id))
    return str(facts["link"]), now() + LIFETIMES[EXPORT_DATA]


_OPEN: Final = Query(
    select(Session.id).where(
        Session.id == bindparam("session_id", type_=Uuid()),
        Session.user_id == bindparam("user_id", type_=Uuid()),
        Session.revoked_at.is_(None),
    )
)


async def find_copy(reader: Reader, token: str) -> UUID | None:
    """Whose copy may be fetched with this text; None: nobody's, or not any more."""
    proof = await proofs.find(reader, purpose=EXPORT_DATA, text=token)
    if proof is None or not proof.facts["session_id"]:
        return None
    session_id = UUID(hex=proof.facts["session_id"])
    is_open = await reader.fetch(_OPEN, session_id=session_id, user_id=proof.user_id)
    return proof.user_id if is_open else None
