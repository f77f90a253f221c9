"""Queries and mutations of inventory."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from core.errors import BadUserInput
from core.identity import Permission
from engine.declare import batched, root
from resolvers import inventory as resolve
from resolvers.context import RequestContext
from resolvers.loaders.inventory import WAREHOUSES_VISIBLE
from resolvers.paging import Ask, page, window
from schema.access import ANYONE, staff
from schema.errors import Outcome, Payload, mutation
from schema.fields import relation
from schema.ids import all_inside, required
from schema.inventory.enums import MovementKind, WarehouseKind
from schema.inventory.errors import ADJUST_REFUSALS, WAREHOUSE_REFUSALS
from schema.inventory.inputs import (
    StockAdjustInput,
    WarehouseUpsertInput,
    adjustments_of,
    draft_of,
)
from schema.inventory.types import (
    StockLevel,
    StockLevelConnection,
    StockMovementConnection,
    Warehouse,
    WarehouseConnection,
)
from schema.pagination import After, Before, First, Last

MAX_FILTER_VALUES: Final = 100
KEEPERS: Final = staff(Permission.MANAGE_INVENTORY)
OF_MERCHANTS = "Of one of these merchants; at most 100."
IN_WAREHOUSES = "In one of these warehouses; at most 100."
OF_VARIANTS = "Of one of these variants; at most 100."


@strawberry.input(description="Which warehouses; all conditions must hold.")
class WarehouseWhere:
    merchants: list[strawberry.ID] | None = strawberry.field(default=None, description=OF_MERCHANTS)
    codes: list[str] | None = strawberry.field(
        default=None, description="With one of these codes; at most 100."
    )
    kinds: list[WarehouseKind] | None = strawberry.field(
        default=None, description="Of one of these kinds."
    )
    is_pickup_point: bool | None = strawberry.field(
        default=None, description="Whether things can be fetched there."
    )
    is_active: bool | None = strawberry.field(default=None, description="Whether it is in use.")


@strawberry.input(description="Which stock levels; all conditions must hold.")
class StockLevelWhere:
    warehouses: list[strawberry.ID] | None = strawberry.field(
        default=None, description=IN_WAREHOUSES
    )
    variants: list[strawberry.ID] | None = strawberry.field(default=None, description=OF_VARIANTS)
    merchants: list[strawberry.ID] | None = strawberry.field(default=None, description=OF_MERCHANTS)
    skus: list[str] | None = strawberry.field(
        default=None, description="Of one of these SKUs; at most 100."
    )
    below_safety_stock: bool | None = strawberry.field(
        default=None, description="Whether fewer are available than the safety stock."
    )


@strawberry.input(description="Which movements; all conditions must hold.")
class StockMovementWhere:
    warehouses: list[strawberry.ID] | None = strawberry.field(
        default=None, description=IN_WAREHOUSES
    )
    variants: list[strawberry.ID] | None = strawberry.field(default=None, description=OF_VARIANTS)
    merchants: list[strawberry.ID] | None = strawberry.field(default=None, description=OF_MERCHANTS)
    kinds: list[MovementKind] | None = strawberry.field(
        default=None, description="Of one of these kinds."
    )


def _limited(filters: dict[str, Any], **flags: tuple[bool | None, str, str]) -> dict[str, Any]:
    """Lists as they are; each flag (value, filter when true, filter when false).

    Raises: BadUserInput for too many values.
    """
    if any(len(each) > MAX_FILTER_VALUES for each in filters.values() if each):
        raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
    for value, when_true, when_false in flags.values():
        if value is not None:
            filters[when_true if value else when_false] = True
    return filters


def _warehouses(where: WarehouseWhere) -> dict[str, Any]:
    lists: dict[str, Any] = {
        "merchants": all_inside("Merchant", where.merchants),
        "codes": where.codes,
        "kinds": where.kinds and [kind.value for kind in where.kinds],
    }
    return _limited(
        lists,
        pickup=(where.is_pickup_point, "pickup_points", "others"),
        active=(where.is_active, "open", "closed"),
    )


def _levels(where: StockLevelWhere) -> dict[str, Any]:
    lists: dict[str, Any] = {
        "warehouses": all_inside("Warehouse", where.warehouses),
        "variants": all_inside("ProductVariant", where.variants),
        "merchants": all_inside("Merchant", where.merchants),
        "skus": where.skus,
    }
    return _limited(lists, low=(where.below_safety_stock, "low", "enough"))


def _movements(where: StockMovementWhere) -> dict[str, Any]:
    return _limited(
        {
            "warehouses": all_inside("Warehouse", where.warehouses),
            "variants": all_inside("ProductVariant", where.variants),
            "merchants": all_inside("Merchant", where.merchants),
            "kinds": where.kinds and [kind.value for kind in where.kinds],
        }
    )


@strawberry.type
class InventoryQuery:
    @root(
        WarehouseConnection,
        auth=ANYONE,
        description="For shoppers where things can be fetched, for staff all of theirs; by code.",
    )
    async def warehouses(
        ctx: RequestContext,
        where: WarehouseWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _warehouses(where) if where else None
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.WAREHOUSES, asked, "CODE", where=filters))

    @root(
        StockLevelConnection,
        auth=KEEPERS,
        description="Stock of the merchants whose inventory the caller manages, by SKU.",
    )
    async def stock_levels(
        ctx: RequestContext,
        where: StockLevelWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _levels(where) if where else None
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.LEVELS, asked, "SKU", where=filters))

    @root(
        StockMovementConnection,
        auth=KEEPERS,
        description="Every change of their stock, newest first: levels are the sums of these.",
    )
    async def stock_movements(
        ctx: RequestContext,
        where: StockMovementWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _movements(where) if where else None
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.MOVEMENTS, asked, "NEWEST", where=filters))


@strawberry.type(description="The warehouse after the change.")
class WarehouseUpsertPayload(Payload):
    warehouse: Warehouse | None = relation(
        Warehouse | None,
        WAREHOUSES_VISIBLE,
        "warehouse_id",
        description="The warehouse; null when refused.",
    )


@strawberry.type(description="The stock after the change.")
class StockAdjustPayload(Payload):
    @batched(
        list[StockLevel],
        description="The levels as they are now, in the order of the lines; empty when refused.",
    )
    async def stock_levels(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return await resolve.adjusted_levels(ctx, payloads)


@strawberry.type
class InventoryMutation:
    @mutation(
        WarehouseUpsertPayload,
        auth=staff(Permission.MANAGE_WAREHOUSES),
        description=(
            "Makes or changes the merchant's warehouse of a code; the same again is no change."
            " Closing it is refused while units lie there."
        ),
        refusals=WAREHOUSE_REFUSALS,
    )
    async def warehouse_upsert(ctx: RequestContext, input: WarehouseUpsertInput) -> dict[str, Any]:
        return await resolve.upsert_warehouse(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            code=input.code,
            draft=draft_of(input),
        )

    @mutation(
        StockAdjustPayload,
        auth=KEEPERS,
        description=(
            "Corrects stock, all lines or none. Never to less than what is held or sold; a level"
            " that is not there yet begins with nothing."
        ),
        refusals=ADJUST_REFUSALS,
    )
    async def stock_adjust(ctx: RequestContext, input: StockAdjustInput) -> dict[str, Any]:
        return await resolve.adjust(
            ctx,
            lines=adjustments_of(input),
            reason=input.reason,
            idempotency_key=input.idempotency_key,
        )
