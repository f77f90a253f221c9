"""Carriers and shipments for tests."""

from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from models.merchants import Merchant
from models.shipments import (
    Carrier,
    CarrierKind,
    Parcel,
    Shipment,
    ShipmentLine,
    ShipmentStatus,
    TrackingEvent,
    TrackingStatus,
)

_numbers = count(1)


async def make_carrier(session: AsyncSession, code: str = "parcel-express") -> Carrier:
    """A carrier with an express service and a tracking page."""
    carrier = Carrier(
        code=code,
        name=code.title(),
        kind=CarrierKind.COURIER,
        services=[{"code": "express", "name": "Express"}],
        tracking_url=f"https://{code}.example/track?number={{number}}",
    )
    session.add(carrier)
    await session.flush()  # others refer to its row
    return carrier


async def make_shipment(
    session: AsyncSession,
    *,
    merchant: Merchant,
    carrier: Carrier,
    order_id: UUID | None = None,
    owner_id: UUID | None = None,
    phone_digits: str = "4321",
    **columns: Any,
) -> Shipment:
    """A dispatched shipment of one unit in one numbered parcel that was picked up."""
    n = next(_numbers)
    values = {"status": ShipmentStatus.IN_TRANSIT, "dispatched_at": now()} | columns
    shipment = Shipment(
        order_id=order_id or new_id(),
        merchant_id=merchant.id,
        owner_id=owner_id or new_id(),
        number=f"S-{n}",
        carrier_code=carrier.code,
        phone_digits=phone_digits,
        **values,
    )
    session.add(shipment)
    await session.flush()  # its parts refer to its row
    line = ShipmentLine(
        shipment_id=shipment.id, order_line_id=new_id(), variant_id=new_id(), quantity=1
    )
    parcel = Parcel(
        shipment_id=shipment.id, carrier_code=carrier.code, tracking_number=f"PX-{n:06}"
    )
    event = TrackingEvent(
        shipment_id=shipment.id,
        event_key=f"event-{n}",
        status=TrackingStatus.PICKED_UP,
        location="Springfield",
        happened_at=now(),
    )
    session.add_all([line, parcel, event])
    await session.flush()  # the caller may read them in the same transaction
    return shipment
