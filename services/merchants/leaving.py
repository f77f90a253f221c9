"""What merchants know of a person: for a copy, and what is left when they are erased."""

from uuid import UUID

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.clock import now
from models.accounts import User
from models.merchants import Membership, Merchant, MerchantRecord, MerchantStatus, StaffInvitation
from services import audit
from services.personal import Copy, copied


async def sole_ownerships(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """Merchants, closed ones aside, that nobody else owns whose account is open.

    Somebody must take them over before the user may go. Locks every merchant that the user owns:
    of two owners who go at once the second one is the last.
    """
    owned_at_all = select(Membership.merchant_id).where(
        Membership.user_id == user_id, Membership.is_owner
    )
    await session.execute(
        select(Merchant.id)
        .where(Merchant.id.in_(owned_at_all))
        .order_by(Merchant.id)
        .with_for_update(key_share=True)
    )
    other = aliased(Membership)
    has_another = exists().where(
        other.merchant_id == Merchant.id,
        other.is_owner,
        other.user_id != user_id,
        User.id == other.user_id,
        User.is_active,
    )
    owned = (
        select(Merchant.id)
        .join(Membership, Membership.merchant_id == Merchant.id)
        .where(
            Membership.user_id == user_id,
            Membership.is_owner,
            Merchant.status != MerchantStatus.CLOSED,
            ~has_another,
        )
        .order_by(Merchant.id)
    )
    return list(await session.scalars(owned))


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    """Whom they work for, and who invited them to."""
    works = (
        select(Merchant.name, Membership.is_owner, Membership.permissions, Membership.joined_at)
        .join(Merchant, Merchant.id == Membership.merchant_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.joined_at)
    )
    theirs = select(User.email).where(User.id == user_id).scalar_subquery()
    invitations = (
        select(
            Merchant.name,
            StaffInvitation.permissions,
            StaffInvitation.is_owner,
            StaffInvitation.created_at,
            StaffInvitation.accepted_at,
        )
        .join(Merchant, Merchant.id == StaffInvitation.merchant_id)
        .where((StaffInvitation.email == theirs) | (StaffInvitation.accepted_by == user_id))
        .order_by(StaffInvitation.id)
    )
    return await copied(session, {"memberships": works, "staff_invitations": invitations})


async def erase_person(session: AsyncSession, *, user_id: UUID, email: str) -> None:
    """End the user's work for merchants, and forget their address where it is written down."""
    await session.execute(
        delete(Membership)
        .where(Membership.user_id == user_id)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(MerchantRecord)
        .where(MerchantRecord.contact_email == email)
        .values(contact_email=None, contact_phone=None)
        .execution_options(synchronize_session=False)
    )
    invited = select(StaffInvitation.id).where(
        or_(StaffInvitation.email == email, StaffInvitation.accepted_by == user_id)
    )
    await audit.erase_words(session, user_id, objects=invited)
    await session.execute(
        update(StaffInvitation)
        .where(StaffInvitation.email == email)
        .values(email=None, revoked_at=now())
        .execution_options(synchronize_session=False)
    )
