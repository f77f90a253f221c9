"""Enums of shipments, shared with the tables."""

import strawberry

from models.shipments import CarrierKind, ShipmentStatus, TrackingStatus
from services.shipments import ShipmentAction

__all__ = ["CarrierKind", "ShipmentAction", "ShipmentStatus", "TrackingStatus"]

strawberry.enum(CarrierKind, description="How a carrier brings things.")
strawberry.enum(
    ShipmentStatus,
    description=(
        "CREATED or ON_HOLD before the dispatch; then DISPATCHED, IN_TRANSIT, OUT_FOR_DELIVERY,"
        " DELIVERED, as the slowest of its parcels; EXCEPTION when one is in trouble; RETURNED to"
        " the merchant; CANCELLED before the dispatch."
    ),
)
strawberry.enum(
    TrackingStatus,
    description=(
        "What a carrier says of a parcel. UNKNOWN, LABEL_CREATED: nothing about where it is."
    ),
)
strawberry.enum(
    ShipmentAction,
    description="What to do with a shipment that was not dispatched; CANCEL frees its units.",
)
