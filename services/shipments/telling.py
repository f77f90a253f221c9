"""What orders have to be told about their shipments: read in one transaction, noted in another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, exists, func, null, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from models.shipments import Shipment, ShipmentLine, ShipmentStatus
from services.shipments.states import ENDED

TRY_AGAIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class News:
    """What one order may not know of one shipment.

    is_last: no other shipment of the order is still to arrive.
    """

    shipment_id: UUID
    order_id: UUID
    version: int
    lines: Mapping[UUID, int]
    is_dispatch_news: bool
    is_delivery_news: bool
    is_last: bool
    dispatched_by: UUID | None


async def due(session: AsyncSession, *, limit: int) -> Sequence[UUID]:
    """Shipments whose caller died before the order was told; taken for TRY_AGAIN."""
    now = clock.now()
    waiting = (
        select(Shipment.id)
        .where(Shipment.tell_after <= now)
        .order_by(Shipment.tell_after)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("waiting")  # run once: a subquery may run, and lock, once per row
    )
    taken = await session.scalars(
        update(Shipment)
        .where(Shipment.id == waiting.c.id)
        .values(tell_after=now + TRY_AGAIN)
        .returning(Shipment.id)
        .execution_options(synchronize_session=False)
    )
    return taken.all()


async def news(session: AsyncSession, shipment_id: UUID) -> News:
    other = Shipment.__table__.alias("other")
    is_awaited = exists().where(
        other.c.order_id == Shipment.order_id,
        other.c.id != Shipment.id,
        other.c.status.not_in(ENDED),
    )
    units = (
        select(func.jsonb_object_agg(ShipmentLine.order_line_id, ShipmentLine.quantity))
        .where(ShipmentLine.shipment_id == Shipment.id)
        .scalar_subquery()
    )
    found = await session.execute(
        select(*Shipment.__table__.c, is_awaited.label("is_awaited"), units.label("units")).where(
            Shipment.id == shipment_id
        )
    )
    row = found.one()
    return News(
        shipment_id=shipment_id,
        order_id=row.order_id,
        version=row.version,
        lines={UUID(line): quantity for line, quantity in row.units.items()},
        is_dispatch_news=row.dispatched_at is not None and row.order_told_at is None,
        is_delivery_news=row.status == ShipmentStatus.DELIVERED and row.delivery_told_at is None,
        is_last=not row.is_awaited,
        dispatched_by=row.dispatched_by,
    )


async def note(session: AsyncSession, told: News) -> None:
    """The order knows it all, unless the shipment has moved on since the news were read."""
    now: datetime = clock.now()
    values: dict[str, Any] = {
        "tell_after": case((Shipment.version == told.version, null()), else_=now)
    }
    if told.is_dispatch_news:
        values["order_told_at"] = now
    if told.is_delivery_news:
        values["delivery_told_at"] = now
    await session.execute(
        update(Shipment)
        .where(Shipment.id == told.shipment_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
