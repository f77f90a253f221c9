"""The password that a link asks for besides: whose mailbox it is, says not whose account it is.

Who has an account opened for, or moved to, an address of somebody else knows its password but gets
no letter; the address's owner gets the letter and does not know the password.
"""

from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.accounts import User
from services.accounts import proofs
from services.accounts.errors import LinkInvalid
from services.accounts.letters import REGISTER
from services.accounts.proofs import Proof

MAX_TRIES: Final = 5  # of a password with one link


class Asked(NamedTuple):
    """Whose account a link is about, and the hash that the password must be behind."""

    user_id: UUID
    password_hash: str


async def try_password(session: AsyncSession, *, purpose: str, token: str) -> Asked:
    """Take one of the tries that a link has.

    The caller's transaction must be kept whatever comes of the try.

    purpose: REGISTER, with the password that was chosen then; of others it is the account's.

    Raises: LinkInvalid, also when no try is left.
    """
    proof = await proofs.count_try(session, purpose=purpose, text=token, maximum=MAX_TRIES)
    asked = None
    if proof is not None:
        asked = _chosen(proof) if purpose == REGISTER else await _current(session, proof)
    if asked is None:
        raise LinkInvalid(path=("token",))
    return asked


def _chosen(proof: Proof) -> Asked | None:
    """None for the proof of an account's address, which proves nothing."""
    if proof.user_id is not None:
        return None
    return Asked(UUID(hex=proof.facts["user_id"]), proof.facts["password_hash"])


async def _current(session: AsyncSession, proof: Proof) -> Asked | None:
    known = select(User.id, User.password_hash).where(User.id == proof.user_id, User.is_active)
    found = (await session.execute(known)).one_or_none()
    return Asked(found.id, found.password_hash) if found else None
