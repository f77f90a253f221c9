"""The outbox's sequencer: gives committed events the positions by which consumers read.

Ids are taken before the commit, so a reader that follows ids passes over what a slower transaction
commits later. Here only committed rows are seen, and one sequencer at a time numbers them in
transactions that follow one another: a position once passed is never filled later. Events of one
object keep their order, because their ids were taken under the object's lock: whoever sees the
later one sees the earlier one too (docs/adr/0004).
"""

from typing import Final

from sqlalchemy import Integer, bindparam, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database, Query, Reader
from models.outbox import OutboxEvent

CHANNEL: Final = "outbox"  # notified when there are new positions
BATCH: Final = 1_000
_LOCK: Final = 0x0C7B0C5  # of pg_advisory_xact_lock; any number nobody else uses

_WAITING = Query(
    select(literal_column("1").label("one")).where(OutboxEvent.position.is_(None)).limit(1)
)

_batch = (
    select(OutboxEvent.id)
    .where(OutboxEvent.position.is_(None))
    .order_by(OutboxEvent.id)
    .limit(bindparam("size", type_=Integer()))
    .cte("batch")
)
_newest = select(func.coalesce(func.max(OutboxEvent.position), 0)).scalar_subquery()
_numbered = select(
    _batch.c.id, (func.row_number().over(order_by=_batch.c.id) + _newest).label("position")
).cte("numbered")
_STAMP = (
    update(OutboxEvent)
    .where(OutboxEvent.id == _numbered.c.id)
    .values(position=_numbered.c.position)
    .returning(OutboxEvent.position)
)


async def sequence(db: Database, reader: Reader, *, size: int = BATCH) -> int:
    """Give the oldest waiting events their positions; tells how many.

    Several sequencers may run: whoever does not get the lock does nothing.
    """
    if not await reader.fetch(_WAITING):
        return 0
    async with db.transaction() as session:
        return await _stamp(session, size)


async def _stamp(session: AsyncSession, size: int) -> int:
    """The lock is a statement of its own: the next one then sees what its last holder committed."""
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    stamped = (await session.execute(_STAMP, {"size": size})).scalars().all()
    if stamped:
        await session.execute(select(func.pg_notify(CHANNEL, "")))
    return len(stamped)
