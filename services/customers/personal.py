"""What the platform and merchants noted about a customer: for a copy, and when they are erased."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.customers import CustomerGroup, CustomerGroupMember
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    mine = (
        select(CustomerGroup.name, CustomerGroup.description, CustomerGroupMember.added_at)
        .join(CustomerGroup, CustomerGroup.id == CustomerGroupMember.group_id)
        .where(CustomerGroupMember.user_id == user_id)
    )
    return await copied(session, {"customer_groups": mine})


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    await session.execute(delete(CustomerGroupMember).where(CustomerGroupMember.user_id == user_id))
