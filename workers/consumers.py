"""Consumers of the outbox: each has a cursor of its own and sees every event at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, bindparam, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.db import Database, Query, Reader
from models.outbox import OutboxCursor, OutboxEvent

BATCH: Final = 500
LEASE: Final = timedelta(seconds=30)
PATIENCE_SECONDS: Final = 25.0  # with a handler; less than the lease


@dataclass(frozen=True, slots=True)
class Event:
    position: int
    kind: str
    object_id: UUID
    facts: dict[str, Any]
    created_at: datetime


Handler = Callable[[Sequence[Event]], Awaitable[None]]

_COLUMNS = (
    OutboxEvent.position,
    OutboxEvent.kind,
    OutboxEvent.object_id,
    OutboxEvent.facts,
    OutboxEvent.created_at,
)
_cursor = func.coalesce(
    select(OutboxCursor.position)
    .where(OutboxCursor.consumer == bindparam("name", type_=Text()))
    .scalar_subquery(),
    0,
)
_WAITING = Query(
    select(literal_column("1").label("one")).where(OutboxEvent.position > _cursor).limit(1)
)


async def consume(
    db: Database, reader: Reader, *, name: str, handler: Handler, size: int = BATCH
) -> int:
    """Hand the next events to a consumer, in the order of their positions; tells how many.

    The cursor moves after the handler returned, so events come again when it fails or the process
    dies: a handler does the same event twice without harm. A lease on the cursor keeps a second
    worker from handling the same events at the same time; it ends by itself when a worker dies.

    Raises: whatever the handler raises; TimeoutError when it takes longer than the lease allows.
    """
    if not await reader.fetch(_WAITING, name=name):
        return 0
    lease, events = await _lease(db, name, size)
    if not events:
        return 0
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await handler(events)
    except BaseException:
        await _release(db, name, lease)
        raise
    await _release(db, name, lease, position=events[-1].position)
    return len(events)


async def _lease(db: Database, name: str, size: int) -> tuple[datetime | None, list[Event]]:
    """When our lease ends, and the events after the cursor; none while another worker has it."""
    async with db.transaction() as session:
        await session.execute(
            insert(OutboxCursor).values(consumer=name, position=0).on_conflict_do_nothing()
        )
        cursor = await session.execute(
            update(OutboxCursor)
            .where(
                OutboxCursor.consumer == name,
                or_(OutboxCursor.lease_until.is_(None), OutboxCursor.lease_until < func.now()),
            )
            .values(lease_until=func.now() + LEASE)
            .returning(OutboxCursor.lease_until, OutboxCursor.position)
        )
        leased = cursor.one_or_none()
        if leased is None:
            return None, []
        rows = await session.execute(
            select(*_COLUMNS)
            .where(OutboxEvent.position > leased.position)
            .order_by(OutboxEvent.position)
            .limit(size)
        )
        return leased.lease_until, [Event(*row) for row in rows]


async def _release(
    db: Database, name: str, lease: datetime | None, *, position: int | None = None
) -> None:
    """Give the cursor back, past what was dealt with; not when the lease is another's by now."""
    moved = {} if position is None else {"position": position}
    async with db.transaction() as session:
        await session.execute(
            update(OutboxCursor)
            .where(OutboxCursor.consumer == name, OutboxCursor.lease_until == lease)
            .values(lease_until=None, **moved)
        )
