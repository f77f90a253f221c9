"""Accounts that their users ask to be deleted: closed at once, erased after a while.

Until then a sign-in brings the account back: whoever changes their mind, or whose account somebody
else wanted to delete, loses nothing.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.accounts import User
from services import audit, events, mail
from services.accounts.sessions import end_sessions
from services.accounts.users import locked


class Due(NamedTuple):
    """In the order in which they are selected."""

    id: UUID
    email: str
    language: str


async def close_account(
    session: AsyncSession, *, user_id: UUID, delay: timedelta, base_url: str
) -> datetime:
    """End every sign-in, and have the account erased after `delay`; when that is. Locks the user.

    Asked again, the first date stays.
    """
    user = await locked(session, user_id)
    erase_after: datetime = user.erase_after or now() + delay
    await session.execute(update(User).where(User.id == user_id).values(erase_after=erase_after))
    await end_sessions(session, user_id=user_id)
    date = erase_after.date().isoformat()
    facts = {"date": date, "link": base_url}
    await mail.send(session, mail.Letter("ACCOUNT_CLOSING", user.email, user.language, facts))
    await events.record(session, events.event("UserClosed", user_id))
    closed = audit.entry("ACCOUNT_DELETION_REQUESTED", "User", user_id, after={"date": date})
    await audit.record(session, closed)
    return erase_after


async def next_to_erase(session: AsyncSession) -> Due | None:
    """A user whose time has come, locked. None: nobody's has."""
    due = (
        select(User.id, User.email, User.language)
        .where(User.erase_after <= now())
        .order_by(User.erase_after)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    found = (await session.execute(due)).one_or_none()
    return Due(*found) if found else None


async def postpone_erasure(session: AsyncSession, *, user_id: UUID, delay: timedelta) -> None:
    """Something of the user is still under way."""
    await session.execute(update(User).where(User.id == user_id).values(erase_after=now() + delay))
