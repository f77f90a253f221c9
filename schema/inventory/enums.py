"""Enums of inventory, shared with the tables."""

import strawberry

from models.inventory import MovementKind, WarehouseKind

__all__ = ["MovementKind", "WarehouseKind"]

strawberry.enum(
    WarehouseKind, description="A DARK_STORE sends at once to its neighbourhood; no one walks in."
)
strawberry.enum(
    MovementKind,
    description=(
        "ADJUSTMENT by staff; RESERVATION for a checkout and its RELEASE; COMMITMENT when it was"
        " paid; CANCELLATION before it was sent; SHIPMENT when it left."
    ),
)
