"""Domain events into the outbox, in the transaction of the change.

Events carry ids, versions and amounts, never personal data. They are recorded after the object's
row was locked, so that the events of one object come in the order of its changes.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from models.outbox import OutboxEvent


def event(kind: str, object_id: UUID, **facts: Any) -> dict[str, Any]:
    """kind: `<Object><PastTense>`, for example `CartChanged`; facts: plain JSON values."""
    return {"kind": kind, "object_id": object_id, "facts": facts}


async def record(session: AsyncSession, *events: dict[str, Any]) -> None:
    """Write events made by `event`: one statement, whatever their number."""
    if events:
        await session.execute(insert(OutboxEvent), list(events))
