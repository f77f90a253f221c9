"""Why a cart says no, on the wire."""

from typing import Final

import strawberry

from core.errors import (
    DomainError,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from engine.declare import column
from schema.errors import UserError, shown
from services import cart, inventory


@shown(inventory.OutOfStock)
@strawberry.type(description="Fewer units can be promised than were asked for.")
class OutOfStock(UserError):
    variant_id: strawberry.ID = column(strawberry.ID, description="The variant that is short.")
    requested: int = column(int, description="How many units were wanted.")
    available: int = column(int, description="How many units can still be promised.")


@shown(cart.QuantityOutOfRange)
@strawberry.type(description="A line can't have so many, or so few, units.")
class QuantityOutOfRange(UserError):
    requested: int = column(int, description="How many units the line would have had.")
    minimum: int = column(int, description="The fewest units of a line.")
    maximum: int = column(int, description="The most units of a line.")


@shown(cart.NotForSale)
@strawberry.type(description="The variant can't be bought now, or not in the cart's currency.")
class NotForSale(UserError):
    variant_id: strawberry.ID = column(strawberry.ID, description="The variant.")


LINE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    VersionConflict,
    cart.NotForSale,
    cart.QuantityOutOfRange,
    inventory.OutOfStock,
]
