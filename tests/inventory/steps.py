"""How staff asks about stock."""

from typing import Any

from sqlalchemy import func, select

from core.db import Database
from core.ids import encode
from models.inventory import StockLevel, StockMovement, Warehouse
from models.outbox import OutboxEvent
from models.platform import IdempotencyKey
from tests.asking import Ask
from tests.factories.shops import Stall
from tests.shopping import new_key

ADJUST = """mutation($input: StockAdjustInput!) { stockAdjust(input: $input) {
  stockLevels { sku onHand reserved allocated available safetyStock }
  userErrors { __typename code message field
    ... on StockChanged { onHand } ... on StockPromised { onHand promised } } } }"""
UPSERT = """mutation($input: WarehouseUpsertInput!) { warehouseUpsert(input: $input) {
  warehouse { id code name kind isPickupPoint isActive priority address { city country } }
  userErrors { __typename code message field ... on WarehouseInUse { units } } } }"""
TABLES = (Warehouse, StockLevel, StockMovement, OutboxEvent, IdempotencyKey)


def level(stall: Stall, **numbers: Any) -> dict[str, Any]:
    """A StockAdjustLineInput of the stall's one level."""
    return {
        "warehouseId": encode("warehouse", stall.warehouse.id),
        "variantId": encode("variant", stall.variant.id),
        **numbers,
    }


async def adjust(
    ask: Ask, *lines: dict[str, Any], key: str | None = None, reason: str = "counted"
) -> dict[str, Any]:
    """The payload of stockAdjust."""
    details = {"idempotencyKey": key or new_key(), "reason": reason, "lines": list(lines)}
    payload: dict[str, Any] = (await ask(ADJUST, input=details))["stockAdjust"]
    return payload


async def rows(db: Database) -> list[int]:
    async with db.transaction() as session:
        return [
            await session.scalar(select(func.count()).select_from(each)) or 0 for each in TABLES
        ]
