"""Where a shipment stands, worked out from what its parcels' events say. Pure: no session."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from models.shipments import ShipmentStatus, TrackingStatus

# What an event says of a parcel; the others say nothing about where it is.
MEANINGS: Final = {
    TrackingStatus.PICKED_UP: ShipmentStatus.IN_TRANSIT,
    TrackingStatus.IN_TRANSIT: ShipmentStatus.IN_TRANSIT,
    TrackingStatus.CUSTOMS: ShipmentStatus.IN_TRANSIT,
    TrackingStatus.OUT_FOR_DELIVERY: ShipmentStatus.OUT_FOR_DELIVERY,
    TrackingStatus.READY_FOR_PICKUP: ShipmentStatus.OUT_FOR_DELIVERY,
    TrackingStatus.DELIVERED: ShipmentStatus.DELIVERED,
    TrackingStatus.EXCEPTION: ShipmentStatus.EXCEPTION,
    TrackingStatus.RETURNING: ShipmentStatus.EXCEPTION,
    TrackingStatus.RETURNED: ShipmentStatus.RETURNED,
    TrackingStatus.CANCELLED: ShipmentStatus.EXCEPTION,
}
FORWARD: Final = (
    ShipmentStatus.DISPATCHED,
    ShipmentStatus.IN_TRANSIT,
    ShipmentStatus.OUT_FOR_DELIVERY,
    ShipmentStatus.DELIVERED,
)
WAITING: Final = (ShipmentStatus.CREATED, ShipmentStatus.ON_HOLD)
ENDED: Final = (ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED)


class Seen(NamedTuple):
    """One event; parcel_id None: it is true of all parcels."""

    parcel_id: UUID | None
    status: TrackingStatus
    happened_at: datetime


class Standing(NamedTuple):
    status: ShipmentStatus
    delivered_at: datetime | None


def standing(parcels: Sequence[UUID], events: Iterable[Seen]) -> Standing:
    """Of a dispatched shipment with these parcels.

    events: in any order; what counts is when they happened, so that a late report of something
    old changes nothing. The slowest parcel decides; one in trouble is the shipment's trouble.
    """
    in_order = sorted(events, key=lambda seen: seen.happened_at)
    each = [
        _of_parcel(seen for seen in in_order if seen.parcel_id in (None, parcel))
        for parcel in parcels
    ]
    moments = [parcel.delivered_at for parcel in each]
    delivered = [moment for moment in moments if moment is not None]
    delivered_at = max(delivered) if len(delivered) == len(each) else None
    return Standing(_of_all([parcel.status for parcel in each]), delivered_at)


def _of_parcel(events: Iterable[Seen]) -> Standing:
    status, delivered_at = ShipmentStatus.DISPATCHED, None
    for seen in events:
        said = MEANINGS.get(seen.status)
        if said is None or (status is ShipmentStatus.DELIVERED and said in FORWARD):
            continue  # what arrived is not on its way again, unless it comes back
        status = said
        if said is ShipmentStatus.DELIVERED:
            delivered_at = seen.happened_at
    return Standing(status, delivered_at)


def _of_all(statuses: Sequence[ShipmentStatus]) -> ShipmentStatus:
    if len({*statuses}) == 1:
        return statuses[0]
    if all(status in FORWARD for status in statuses):
        return min(statuses, key=FORWARD.index)
    return ShipmentStatus.EXCEPTION
