"""Reviews as a person's own: for a copy of their data, and when they are erased."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Review
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    mine = select(*Review.__table__.c).where(Review.user_id == user_id)
    return await copied(session, {"reviews": mine})


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    """What they thought of a product helps others; who thought it is nobody's business now."""
    await session.execute(
        update(Review).where(Review.user_id == user_id).values(user_id=None, author_name="")
    )
