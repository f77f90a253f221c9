"""Why stock says no to its keepers, on the wire."""

from typing import Final

import strawberry

from core.errors import DomainError, IdempotencyConflict, InvalidInput, NotFound
from engine.declare import column
from schema.errors import UserError, shown
from services import inventory


@shown(inventory.StockChanged)
@strawberry.type(description="Other units lie there than `changeFromQuantity` said.")
class StockChanged(UserError):
    warehouse_id: strawberry.ID = column(strawberry.ID, description="The warehouse.")
    variant_id: strawberry.ID = column(strawberry.ID, description="The variant.")
    on_hand: int = column(int, description="How many units lie there by now.")


@shown(inventory.StockPromised)
@strawberry.type(description="Fewer units would be left than buyers were promised.")
class StockPromised(UserError):
    warehouse_id: strawberry.ID = column(strawberry.ID, description="The warehouse.")
    variant_id: strawberry.ID = column(strawberry.ID, description="The variant.")
    on_hand: int = column(int, description="How many units lie there.")
    promised: int = column(int, description="How many of them are held or sold.")


@shown(inventory.WarehouseClosed)
@strawberry.type(description="The warehouse is not active; nothing can be put there.")
class WarehouseClosed(UserError):
    warehouse_id: strawberry.ID = column(strawberry.ID, description="The warehouse.")


@shown(inventory.WarehouseInUse)
@strawberry.type(description="Units lie in the warehouse; it can't be closed.")
class WarehouseInUse(UserError):
    units: int = column(int, description="How many units, of all variants.")


ADJUST_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    inventory.StockChanged,
    inventory.StockPromised,
    inventory.WarehouseClosed,
]
WAREHOUSE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    inventory.WarehouseInUse,
]
