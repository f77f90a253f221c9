"""The dispatch of shipments: their parcels leave the warehouse."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import NotFound
from core.identity import Caller
from models.shipments import Parcel, Shipment, ShipmentStatus, TrackingEvent, TrackingStatus
from services import audit, events
from services.shipments.access import is_staffs, locked
from services.shipments.errors import NotAllowedInState
from services.shipments.states import Seen, Standing, standing

TELL_LATER: Final = timedelta(seconds=10)  # the caller tells the order at once; a worker if it died


async def order_of(session: AsyncSession, caller: Caller, shipment_id: UUID) -> UUID:
    """Raises: NotFound for an unknown shipment or one of another merchant."""
    order_id: UUID | None = await session.scalar(
        select(Shipment.order_id).where(Shipment.id == shipment_id, is_staffs(caller))
    )
    if order_id is None:
        raise NotFound(kind="Shipment", id=shipment_id, path=("shipmentId",))
    return order_id


async def dispatch(session: AsyncSession, caller: Caller, *, shipment_id: UUID) -> None:
    """Send a created shipment off. Locks the shipment; the order has to be told afterwards.

    Raises: NotFound, NotAllowedInState.
    """
    shipment = await locked(session, caller, shipment_id)
    if shipment.status != ShipmentStatus.CREATED:
        raise NotAllowedInState(state=shipment.status, path=("shipmentId",))
    now = clock.now()
    reached = await standing_of(session, shipment_id)
    await session.execute(
        update(Shipment)
        .where(Shipment.id == shipment_id)
        .values(
            status=reached.status.value,
            dispatched_at=now,
            dispatched_by=caller.subject,
            delivered_at=reached.delivered_at,
            tell_after=now + TELL_LATER,
            version=Shipment.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    await events.record(
        session,
        events.event(
            "ShipmentDispatched",
            shipment_id,
            order_id=shipment.order_id.hex,
            version=shipment.version + 1,
        ),
    )
    await audit.record(
        session,
        audit.entry(
            "SHIPMENT_DISPATCHED",
            "Shipment",
            shipment_id,
            merchant_id=shipment.merchant_id,
            before={"status": shipment.status},
            after={"status": reached.status.value},
        ),
    )


async def call_back(session: AsyncSession, *, shipment_id: UUID) -> None:
    """Undo a dispatch that the order takes no more: it was cancelled meanwhile.

    What the carrier has already is followed to its end. Nobody tells the order again.
    """
    is_here = Shipment.status == ShipmentStatus.DISPATCHED.value
    changed = await session.execute(
        update(Shipment)
        .where(Shipment.id == shipment_id)
        .values(
            status=case((is_here, ShipmentStatus.CANCELLED.value), else_=Shipment.status),
            tell_after=None,
            version=Shipment.version + 1,
        )
        .returning(Shipment.version, Shipment.status, Shipment.merchant_id)
        .execution_options(synchronize_session=False)
    )
    row = changed.one()
    await events.record(session, events.event("ShipmentChanged", shipment_id, version=row.version))
    await audit.record(
        session,
        audit.entry(
            "SHIPMENT_CALLED_BACK",
            "Shipment",
            shipment_id,
            merchant_id=row.merchant_id,
            after={"status": row.status},
        ),
    )


async def standing_of(session: AsyncSession, shipment_id: UUID) -> Standing:
    """Where the parcels of a dispatched shipment are, by all that was reported: one statement."""
    found = await session.execute(
        select(
            Parcel.id.label("parcel_id"),
            TrackingEvent.id.label("event_id"),
            TrackingEvent.status,
            TrackingEvent.happened_at,
        )
        .outerjoin(
            TrackingEvent,
            (TrackingEvent.shipment_id == Parcel.shipment_id)
            & (TrackingEvent.parcel_id.is_(None) | (TrackingEvent.parcel_id == Parcel.id)),
        )
        .where(Parcel.shipment_id == shipment_id)
        .order_by(TrackingEvent.happened_at, TrackingEvent.id)
    )
    rows = found.all()
    seen = [
        Seen(row.parcel_id, TrackingStatus(row.status), row.happened_at)
        for row in rows
        if row.event_id is not None
    ]
    return standing([*{row.parcel_id for row in rows}], seen)
