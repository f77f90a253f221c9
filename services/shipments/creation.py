"""New shipments."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.ids import new_id
from models.shipments import Carrier, Parcel, Shipment, ShipmentLine, ShipmentStatus
from services import audit, events
from services.shipments.errors import OverShipment, TrackingNumberTaken, UnknownService
from services.shipments.inputs import NewParcel, NewShipment
from services.shipments.numbers import new_number
from services.shipments.ports import ShippableOrder


async def create(
    session: AsyncSession, *, order: ShippableOrder, known_at: datetime, draft: NewShipment
) -> UUID:
    """Write a shipment of an order; nothing leaves the warehouse yet.

    known_at: a moment before the facts of the order were read.
    Holds the order's advisory lock: of two that want the same units, the second sees the first.

    Raises: NotFound (carrier, order line), UnknownService, OverShipment, TrackingNumberTaken.
    """
    carrier_code = draft.carrier_code or order.carrier_code
    await check_carrier(session, carrier_code, draft.service)
    await _lock_order(session, order.order_id)
    taken = await _taken(session, order.order_id, known_at)
    _check_units(order, draft, taken)
    shipment_id = new_id()
    await session.execute(
        insert(Shipment).values(
            id=shipment_id,
            order_id=order.order_id,
            merchant_id=order.merchant_id,
            owner_id=order.owner_id,
            number=new_number(),
            carrier_code=carrier_code,
            service=draft.service,
            phone_digits=order.phone_digits,
            estimated_delivery_at=draft.estimated_delivery_at,
        )
    )
    await session.execute(
        insert(ShipmentLine),
        [
            {
                "shipment_id": shipment_id,
                "order_line_id": line_id,
                "variant_id": order.lines[line_id].variant_id,
                "quantity": quantity,
            }
            for line_id, quantity in draft.units.items()
        ],
    )
    await _add_parcels(session, shipment_id, carrier_code, draft.parcels)
    await events.record(
        session, events.event("ShipmentCreated", shipment_id, order_id=order.order_id.hex)
    )
    await audit.record(
        session,
        audit.entry(
            "SHIPMENT_CREATED",
            "Shipment",
            shipment_id,
            merchant_id=order.merchant_id,
            after={"order_id": order.order_id.hex, "carrier_code": carrier_code},
        ),
    )
    return shipment_id


async def check_carrier(session: AsyncSession, code: str, service: str) -> None:
    """Raises: NotFound for an unknown or retired carrier; UnknownService."""
    found = await session.execute(
        select(Carrier.services).where(Carrier.code == code, Carrier.is_active)
    )
    row = found.first()
    if row is None:
        raise NotFound(kind="Carrier", id=code[:100], path=("carrierCode",))
    offered = [each["code"] for each in row.services]
    if service and service not in offered:
        raise UnknownService(services=offered, path=("service",))


async def _lock_order(session: AsyncSession, order_id: UUID) -> None:
    """Rows of orders are another group's, and the first shipment has no row yet to be locked."""
    key = func.hashtextextended(f"shipments of {order_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def _taken(session: AsyncSession, order_id: UUID, known_at: datetime) -> Counter[UUID]:
    """Units per order line in shipments that the order may not have heard of at that moment."""
    is_news = or_(Shipment.order_told_at.is_(None), Shipment.order_told_at >= known_at)
    found = await session.execute(
        select(ShipmentLine.order_line_id, func.sum(ShipmentLine.quantity).label("units"))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .where(Shipment.order_id == order_id, Shipment.status != ShipmentStatus.CANCELLED, is_news)
        .group_by(ShipmentLine.order_line_id)
    )
    return Counter({row.order_line_id: row.units for row in found})


def _check_units(order: ShippableOrder, draft: NewShipment, taken: Counter[UUID]) -> None:
    first = {line.order_line_id: str(n) for n, line in reversed([*enumerate(draft.lines)])}
    for line_id, quantity in draft.units.items():
        path = "lines", first[line_id]
        line = order.lines.get(line_id)
        if line is None:
            raise NotFound(kind="OrderLine", id=line_id, path=(*path, "orderLineId"))
        remaining = max(line.remaining - taken[line_id], 0)
        if quantity > remaining:
            raise OverShipment(
                order_line_id=line_id,
                requested=quantity,
                remaining=remaining,
                path=(*path, "quantity"),
            )


async def _add_parcels(
    session: AsyncSession, shipment_id: UUID, carrier_code: str, parcels: Sequence[NewParcel]
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "shipment_id": shipment_id,
            "carrier_code": carrier_code,
            "tracking_number": parcel.tracking_number,
            "weight_grams": parcel.weight_grams,
            "length_mm": parcel.length_mm,
            "width_mm": parcel.width_mm,
            "height_mm": parcel.height_mm,
        }
        for parcel in parcels
    ]
    written = await session.scalars(
        insert_or_skip(Parcel).values(rows).on_conflict_do_nothing().returning(Parcel.id)
    )
    added = {*written.all()}
    for n, row in enumerate(rows):
        if row["id"] not in added:
            raise TrackingNumberTaken(
                tracking_number=row["tracking_number"],
                path=("parcels", str(n), "trackingNumber"),
            )
