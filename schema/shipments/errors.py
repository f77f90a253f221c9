"""Why a shipment says no, on the wire."""

from typing import Final

import strawberry

from core.errors import (
    DomainError,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from engine.declare import column
from schema.errors import UserError, shown
from schema.orders.errors import NotAllowedInState
from services import orders, shipments

shown(shipments.NotAllowedInState)(NotAllowedInState)


@shown(shipments.OverShipment)
@strawberry.type(
    description="More units than are left of an order line; the others are in shipments already."
)
class OverShipment(UserError):
    order_line_id: strawberry.ID = column(strawberry.ID, description="The line of the order.")
    requested: int = column(int, description="How many units were to be sent.")
    remaining: int = column(int, description="How many units are in no shipment yet.")


@shown(shipments.TrackingNumberTaken)
@strawberry.type(description="Another parcel of this carrier has the tracking number.")
class TrackingNumberTaken(UserError):
    tracking_number: str = column(str, description="The number.")


@shown(shipments.UnknownService)
@strawberry.type(description="The carrier does not offer this service.")
class UnknownService(UserError):
    services: list[str] = column(list[str], description="The codes of those that it offers.")


CREATE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    orders.NotAllowedInState,
    shipments.OverShipment,
    shipments.TrackingNumberTaken,
    shipments.UnknownService,
]
UPDATE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    VersionConflict,
    shipments.NotAllowedInState,
    shipments.TrackingNumberTaken,
    shipments.UnknownService,
]
DISPATCH_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    orders.NotAllowedInState,
    shipments.NotAllowedInState,
]
REPORT_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    shipments.NotAllowedInState,
]
