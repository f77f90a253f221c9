"""Parcels on their way: shipments of orders, their dispatch and their tracking.

A group of its own: orders are known by their ids, asked and told through `OrdersDoor`.
"""

from services.shipments.errors import (
    NotAllowedInState,
    OverShipment,
    TrackingNumberTaken,
    UnknownService,
)
from services.shipments.inputs import (
    Changes,
    NewLine,
    NewParcel,
    NewShipment,
    NewTrackingEvent,
    ParcelRef,
    ShipmentAction,
)
from services.shipments.numbers import plain_number
from services.shipments.personal import erase_person, personal_data
from services.shipments.ports import OrdersDoor
from services.shipments.updates import cancel_waiting, change_owner, update
from services.shipments.workflows import create, dispatch, report, tell_orders

__all__ = [
    "Changes",
    "NewLine",
    "NewParcel",
    "NewShipment",
    "NewTrackingEvent",
    "NotAllowedInState",
    "OrdersDoor",
    "OverShipment",
    "ParcelRef",
    "ShipmentAction",
    "TrackingNumberTaken",
    "UnknownService",
    "cancel_waiting",
    "change_owner",
    "create",
    "dispatch",
    "erase_person",
    "personal_data",
    "plain_number",
    "report",
    "tell_orders",
    "update",
]
