"""What the log knows of a person, for the copy of their data that they may ask for."""

from typing import Final
from uuid import UUID

import orjson
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditDetails, AuditEntry
from services.personal import Copy

MAX_ENTRIES: Final = 10_000  # the newest


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    """What they did and what was done to them, with the details that can be erased."""
    about = (
        select(
            AuditEntry.at,
            AuditEntry.action,
            AuditEntry.object_kind,
            AuditEntry.object_id,
            AuditDetails.content,
        )
        .outerjoin(AuditDetails, AuditDetails.id == AuditEntry.details_id)
        .where(or_(AuditEntry.actor_id == user_id, AuditEntry.object_id == user_id))
        .order_by(AuditEntry.at.desc())
        .limit(MAX_ENTRIES)
    )
    rows = (await session.execute(about)).all()
    return {
        "log": [
            {
                "at": row.at,
                "action": row.action,
                "object": row.object_kind,
                "object_id": row.object_id,
                "details": orjson.loads(row.content) if row.content else None,
            }
            for row in rows
        ]
    }
