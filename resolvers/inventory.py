"""Warehouses and stock: lists, and the transaction of each mutation."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, select

from core.db import Query, Row
from core.identity import Permission
from models.catalog import Variant
from models.inventory import StockLevel, StockMovement, Warehouse
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.inventory import LEVEL_COLUMNS, visible_warehouse
from resolvers.scope import permitted
from services import inventory
from services.inventory import Adjustment, WarehouseDraft


def _one_of(column: Any, name: str, type_: Any) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(type_)))


WAREHOUSES: Final = Listing(
    select(*Warehouse.__table__.c).where(visible_warehouse()),
    Warehouse.id,
    sorts={"CODE": Sort(Warehouse.code)},
    filters={
        "merchants": _one_of(Warehouse.merchant_id, "merchants", Uuid()),
        "codes": _one_of(Warehouse.code, "codes", Text()),
        "kinds": _one_of(Warehouse.kind, "kinds", Text()),
        "pickup_points": Warehouse.is_pickup_point.is_(True),
        "others": Warehouse.is_pickup_point.is_(False),
        "open": Warehouse.is_active.is_(True),
        "closed": Warehouse.is_active.is_(False),
    },
    spread={},
)
# A level has no id: SKU and warehouse name it, for a SKU is unique with a merchant, whose the
# warehouse is.
LEVELS: Final = Listing(
    select(*LEVEL_COLUMNS, StockLevel.warehouse_id.label("id"))
    .join(Variant, Variant.id == StockLevel.variant_id)
    .where(permitted(StockLevel.merchant_id, Permission.MANAGE_INVENTORY)),
    StockLevel.warehouse_id,
    sorts={"SKU": Sort(Variant.sku)},
    filters={
        "warehouses": _one_of(StockLevel.warehouse_id, "warehouses", Uuid()),
        "variants": _one_of(StockLevel.variant_id, "variants", Uuid()),
        "merchants": _one_of(StockLevel.merchant_id, "merchants", Uuid()),
        "skus": _one_of(Variant.sku, "skus", Text()),
        "low": StockLevel.available < StockLevel.safety_stock,
        "enough": StockLevel.available >= StockLevel.safety_stock,
    },
    spread={},
)
MOVEMENTS: Final = Listing(
    select(*StockMovement.__table__.c).where(
        permitted(StockMovement.merchant_id, Permission.MANAGE_INVENTORY)
    ),
    StockMovement.id,
    sorts={"NEWEST": Sort(StockMovement.created_at, descending=True)},
    filters={
        "warehouses": _one_of(StockMovement.warehouse_id, "warehouses", Uuid()),
        "variants": _one_of(StockMovement.variant_id, "variants", Uuid()),
        "merchants": _one_of(StockMovement.merchant_id, "merchants", Uuid()),
        "kinds": _one_of(StockMovement.kind, "kinds", Text()),
    },
    spread={},
)
_wanted = (
    func.unnest(
        bindparam("warehouses", type_=ARRAY(Uuid())), bindparam("variants", type_=ARRAY(Uuid()))
    )
    .table_valued("warehouse_id", "variant_id")
    .render_derived(name="wanted")
)
_LEVELS_OF_PAIRS = Query(
    select(*LEVEL_COLUMNS)
    .join(Variant, Variant.id == StockLevel.variant_id)
    .join(
        _wanted,
        (_wanted.c.warehouse_id == StockLevel.warehouse_id)
        & (_wanted.c.variant_id == StockLevel.variant_id),
    )
    .where(permitted(StockLevel.merchant_id, Permission.MANAGE_INVENTORY))
)


async def adjusted_levels(ctx: RequestContext, adjusted: Sequence[Any]) -> list[list[Row]]:
    """Per payload the levels it changed, in the order of its lines; [] when it was refused."""
    pairs = [payload["levels"] or [] for payload in adjusted]
    every = [pair for each in pairs for pair in each]
    rows = await ctx.fetch(
        _LEVELS_OF_PAIRS,
        warehouses=[warehouse for warehouse, _ in every],
        variants=[variant for _, variant in every],
    )
    known = {(row["warehouse_id"], row["variant_id"]): row for row in rows}
    return [[known[pair] for pair in each if pair in known] for each in pairs]


async def adjust(
    ctx: RequestContext, *, lines: Sequence[Adjustment], reason: str, idempotency_key: str
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await inventory.adjust(
            session, ctx.caller, lines=lines, reason=reason, idempotency_key=idempotency_key
        )
    return {"levels": [line.level for line in lines]}


async def upsert_warehouse(
    ctx: RequestContext, *, merchant_id: UUID, code: str, draft: WarehouseDraft
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        made = await inventory.upsert_warehouse(
            session, ctx.caller, merchant_id=merchant_id, code=code, draft=draft
        )
    return {"warehouse_id": made}
