"""Invitations and what came of them, as the page behind the letter's link tells it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from core.db import Query, Reader
from models.accounts import User
from models.merchants import Membership, Merchant, StaffInvitation
from services.accounts import proofs
from services.merchants.invitations import PURPOSE


@dataclass(frozen=True, slots=True)
class Invited:
    """What somebody is invited to. sender: a name, or "" of who told none.

    email: whom the letter was sent to; in the order in which the columns are selected.
    """

    merchant: str
    permissions: Sequence[str]
    is_owner: bool
    email: str = field(repr=False)
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)

    @property
    def sender(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody may do for a merchant now."""

    merchant: str
    permissions: Sequence[str]
    is_owner: bool


_INVITED: Final = Query(
    select(
        Merchant.name,
        StaffInvitation.permissions,
        StaffInvitation.is_owner,
        StaffInvitation.email,
        User.first_name,
        User.last_name,
    )
    .join(Merchant, Merchant.id == StaffInvitation.merchant_id)
    .join(User, User.id == StaffInvitation.invited_by)
    .where(
        StaffInvitation.id == bindparam("invitation_id", type_=Uuid()),
        StaffInvitation.accepted_at.is_(None),
        StaffInvitation.revoked_at.is_(None),
    )
)
_WORK: Final = Query(
    select(Merchant.name, Membership.permissions, Membership.is_owner)
    .join(Merchant, Merchant.id == Membership.merchant_id)
    .where(
        Membership.user_id == bindparam("user_id", type_=Uuid()),
        Membership.merchant_id == bindparam("merchant_id", type_=Uuid()),
    )
)


async def look(reader: Reader, token: str) -> Invited | None:
    """What the letter with this proof invites to; None: unknown, expired, used or revoked."""
    proof = await proofs.find(reader, purpose=PURPOSE, text=token)
    if proof is None:
        return None
    rows = await reader.fetch(_INVITED, invitation_id=UUID(proof.facts["invitation_id"]))
    return Invited(*rows[0].values()) if rows else None


async def work(reader: Reader, *, user_id: UUID, merchant_id: UUID) -> Work | None:
    """What a user may do for a merchant that they work for."""
    rows = await reader.fetch(_WORK, user_id=user_id, merchant_id=merchant_id)
    return Work(*rows[0].values()) if rows else None
