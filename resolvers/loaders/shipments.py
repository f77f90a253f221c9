"""Shipments by keys, and what belongs to them."""

from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, or_, select

from core.identity import Permission
from models.shipments import Carrier, Parcel, Shipment, ShipmentLine, TrackingEvent
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned, permitted

_CODES: ColumnElement[Any] = bindparam("keys", type_=ARRAY(Text()))


def visible_shipment() -> ColumnElement[bool]:
    """The shopper's own, and those of a merchant for those who send its parcels or sell for it."""
    return or_(
        owned(Shipment.owner_id),
        permitted(Shipment.merchant_id, Permission.MANAGE_SHIPMENTS),
        permitted(Shipment.merchant_id, Permission.MANAGE_ORDERS),
    )


# What knows a parcel's recipient or is our own bookkeeping is nobody's to read.
_INTERNAL = {
    "phone_digits",
    "tell_after",
    "order_told_at",
    "delivery_told_at",
    "dispatched_by",
    "updated_at",
}
SHIPMENT_COLUMNS: Final = [
    column for column in Shipment.__table__.c if column.name not in _INTERNAL
]
_EVENT_COLUMNS: Final = [
    column
    for column in TrackingEvent.__table__.c
    if column.name not in {"event_key", "raw_status", "received_at"}
]

SHIPMENTS_VISIBLE = Relation(
    select(*SHIPMENT_COLUMNS).where(Shipment.id == any_(KEYS), visible_shipment()), key="id"
)
# Of orders that the caller may see: a guest who was granted one order sees its parcels too.
SHIPMENTS_OF_ORDERS = Relation(
    select(*SHIPMENT_COLUMNS)
    .where(Shipment.order_id == any_(KEYS))
    .order_by(Shipment.order_id, Shipment.id),
    key="order_id",
    many=True,
    is_reference=True,
)
LINES_OF_SHIPMENTS = Relation(
    select(*ShipmentLine.__table__.c)
    .where(ShipmentLine.shipment_id == any_(KEYS))
    .order_by(ShipmentLine.order_line_id),
    key="shipment_id",
    many=True,
    is_reference=True,
)
PARCELS_OF_SHIPMENTS = Relation(
    select(*Parcel.__table__.c).where(Parcel.shipment_id == any_(KEYS)).order_by(Parcel.id),
    key="shipment_id",
    many=True,
    is_reference=True,
)
EVENTS_OF_SHIPMENTS = Relation(
    select(*_EVENT_COLUMNS)
    .where(TrackingEvent.shipment_id == any_(KEYS))
    .order_by(TrackingEvent.happened_at, TrackingEvent.id),
    key="shipment_id",
    many=True,
    is_reference=True,
)
PARCELS_VISIBLE = Relation(
    select(*Parcel.__table__.c).join(Shipment).where(Parcel.id == any_(KEYS), visible_shipment()),
    key="id",
)
EVENTS_VISIBLE = Relation(
    select(*_EVENT_COLUMNS)
    .join(Shipment)
    .where(TrackingEvent.id == any_(KEYS), visible_shipment()),
    key="id",
)
CARRIERS_BY_CODE = Relation(
    select(*Carrier.__table__.c).where(Carrier.code == any_(_CODES)),
    key="code",
    is_reference=True,
)
CARRIERS = Relation(
    select(*Carrier.__table__.c).where(Carrier.id == any_(KEYS)), key="id", is_reference=True
)
