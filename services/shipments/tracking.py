"""What carriers and merchants report of parcels on their way."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import NotFound
from core.identity import Caller
from core.ids import new_id
from models.shipments import Parcel, Shipment, ShipmentStatus, TrackingEvent
from services import events
from services.shipments.access import is_staffs
from services.shipments.errors import NotAllowedInState
from services.shipments.inputs import NewTrackingEvent, ParcelRef
from services.shipments.sending import TELL_LATER, standing_of
from services.shipments.states import WAITING, Standing


class Reported(NamedTuple):
    """is_delivery: the shipment has arrived by this event."""

    shipment_id: UUID
    is_delivery: bool = False


async def report(session: AsyncSession, caller: Caller, *, event: NewTrackingEvent) -> Reported:
    """Add an event to a shipment's timeline. Locks the shipment.

    A second event of the same key changes nothing. Events may come in any order, and before the
    dispatch: a carrier's scan is not lost because the merchant has not said yet that it left.

    Raises: NotFound; NotAllowedInState for a cancelled shipment.
    """
    shipment = await _locked(session, caller, event.where)
    if shipment.status == ShipmentStatus.CANCELLED:
        raise NotAllowedInState(state=shipment.status, path=("of",))
    if not await _add(session, shipment, event):
        return Reported(shipment.id)
    is_delivery = False
    if shipment.status not in WAITING:
        reached = await standing_of(session, shipment.id)
        if reached != (shipment.status, shipment.delivered_at):
            is_delivery = await _move(session, shipment, reached)
    await events.record(
        session,
        events.event(
            "ShipmentTracked",
            shipment.id,
            order_id=shipment.order_id.hex,
            status=event.status.value,
        ),
    )
    return Reported(shipment.id, is_delivery)


async def _locked(session: AsyncSession, caller: Caller, where: ParcelRef) -> Any:
    """The shipment, with `parcel_id` when the reference names one of its parcels."""
    found = await session.execute(
        select(*Shipment.__table__.c, Parcel.id.label("parcel_id"))
        .join(Parcel, Parcel.shipment_id == Shipment.id)
        .where(_is_meant(where), is_staffs(caller))
        .order_by(Parcel.id)
        .limit(1)
        .with_for_update(of=Shipment, key_share=True)
    )
    row = found.first()
    if row is None:
        kind = "Shipment" if where.shipment_id else "Parcel"
        raise NotFound(kind=kind, path=("of",))
    return row


def _is_meant(where: ParcelRef) -> ColumnElement[bool]:
    if where.shipment_id is not None:
        return Shipment.id == where.shipment_id
    if where.parcel_id is not None:
        return Parcel.id == where.parcel_id
    return (Parcel.carrier_code == where.carrier_code) & (
        Parcel.tracking_number == where.tracking_number
    )


async def _add(session: AsyncSession, shipment: Any, event: NewTrackingEvent) -> bool:
    """False when an event of this key is there already."""
    row = {
        "id": new_id(),
        "shipment_id": shipment.id,
        "parcel_id": None if event.where.shipment_id else shipment.parcel_id,
        "event_key": event.event_key,
        "status": event.status.value,
        "raw_status": event.raw_status,
        "location": event.location,
        "message": event.message,
        "happened_at": event.happened_at,
        "received_at": clock.now(),
    }
    added = await session.execute(
        insert(TrackingEvent).values(row).on_conflict_do_nothing().returning(TrackingEvent.id)
    )
    return added.first() is not None


async def _move(session: AsyncSession, shipment: Any, reached: Standing) -> bool:
    """Whether it has arrived and its order is to be told."""
    is_news = reached.status is ShipmentStatus.DELIVERED and shipment.delivery_told_at is None
    values: dict[str, Any] = {
        "status": reached.status.value,
        "delivered_at": reached.delivered_at,
        "version": Shipment.version + 1,
    }
    if is_news:
        values["tell_after"] = clock.now() + TELL_LATER
    await session.execute(
        update(Shipment)
        .where(Shipment.id == shipment.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return is_news
