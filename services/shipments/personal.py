"""Parcels as a person's own: for a copy of their data, and when they are erased."""

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.shipments import Shipment, TrackingEvent
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    mine = select(
        Shipment.number,
        Shipment.order_id,
        Shipment.carrier_code,
        Shipment.status,
        Shipment.phone_digits,
        Shipment.dispatched_at,
        Shipment.delivered_at,
    ).where(Shipment.owner_id == user_id)
    return await copied(session, {"shipments": mine})


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    """When a parcel was where in its journey stays; at whose door, and who took it, does not."""
    theirs = select(Shipment.id).where(Shipment.owner_id == user_id)
    await session.execute(
        update(TrackingEvent)
        .where(TrackingEvent.shipment_id.in_(theirs))
        .values(location="", message="", raw_status="")
    )
    await session.execute(
        update(Shipment).where(Shipment.owner_id == user_id).values(phone_digits="")
    )
