"""Guests: shoppers without an account."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from models.accounts import Guest
from services import events


async def new_guest(session: AsyncSession) -> UUID:
    """Let somebody without an account own a cart."""
    guest_id = new_id()
    await session.execute(insert(Guest).values(id=guest_id))
    return guest_id


async def join_guest(session: AsyncSession, *, guest_id: UUID, user_id: UUID) -> bool:
    """End a guest whose things go to an account; the caller moves them in the same transaction.

    False: there is nothing to move, because another sign-in took it. Locks the guest: of two
    sign-ins at once the second one waits, and gets nothing.
    """
    joined = (
        update(Guest)
        .where(Guest.id == guest_id, Guest.revoked_at.is_(None))
        .values(revoked_at=now(), joined_user_id=user_id)
        .returning(Guest.id)
    )
    if (await session.execute(joined)).first() is None:
        return False
    await events.record(session, events.event("GuestJoined", guest_id, user_id=user_id.hex))
    return True
