"""Stock: levels, holds, movements."""

from services.inventory.adjustments import Adjustment, adjust
from services.inventory.errors import (
    OutOfStock,
    StockChanged,
    StockPromised,
    WarehouseClosed,
    WarehouseInUse,
)
from services.inventory.holds import assign, cancel, commit, hold_again, release, reserve, ship
from services.inventory.stocked import in_stock
from services.inventory.turnstile import Turnstile
from services.inventory.warehouses import WarehouseDraft, upsert_warehouse

__all__ = [
    "Adjustment",
    "OutOfStock",
    "StockChanged",
    "StockPromised",
    "Turnstile",
    "WarehouseClosed",
    "WarehouseDraft",
    "WarehouseInUse",
    "adjust",
    "assign",
    "cancel",
    "commit",
    "hold_again",
    "in_stock",
    "release",
    "reserve",
    "ship",
    "upsert_warehouse",
]
