"""Queries on variants, for staff."""

from enum import StrEnum
from typing import Any

import strawberry

from core.identity import Permission
from engine.declare import root
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.paging import Ask, page, window
from schema.access import staff
from schema.catalog.taxonomy_queries import limited
from schema.catalog.variant import ProductVariantConnection
from schema.ids import all_inside
from schema.pagination import After, Before, First, Last, SortDirection, is_falling


@strawberry.input(description="Which variants; all conditions must hold.")
class ProductVariantWhere:
    skus: list[str] | None = strawberry.field(
        default=None, description="With one of these SKUs; at most 100."
    )
    barcodes: list[str] | None = strawberry.field(
        default=None, description="With one of these barcodes; at most 100."
    )
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these merchants; at most 100."
    )
    products: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these products; at most 100."
    )
    in_stock: bool | None = strawberry.field(
        default=None, description="Whether any unit can be promised."
    )


@strawberry.enum(description="What variants are sorted by.")
class ProductVariantSortKey(StrEnum):
    SKU = "SKU"


@strawberry.input(description="In which order variants come.")
class ProductVariantSort:
    key: ProductVariantSortKey = strawberry.field(
        default=ProductVariantSortKey.SKU, description="By their SKUs, byte by byte."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="They rise if not said."
    )


@strawberry.type
class VariantQuery:
    @root(
        ProductVariantConnection,
        auth=staff(Permission.MANAGE_PRODUCTS),
        description="Variants of the merchants whose products you manage, by SKU.",
    )
    async def product_variants(
        ctx: RequestContext,
        where: ProductVariantWhere | None = None,
        sort_by: ProductVariantSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _filters(where) if where else {}
        mine = ctx.caller.merchants(Permission.MANAGE_PRODUCTS)
        if mine is not None:
            wanted = filters.get("merchants")
            filters["merchants"] = mine if wanted is None else sorted({*wanted} & {*mine})
        asked = window(first, after, last, before)
        sort = sort_by or ProductVariantSort()
        ask = Ask(resolve.VARIANTS, asked, sort.key.value, is_falling(sort.direction), filters)
        return await page(ctx, ask)


def _filters(where: ProductVariantWhere) -> dict[str, Any]:
    filters = limited(
        skus=where.skus,
        barcodes=where.barcodes,
        merchants=all_inside("Merchant", where.merchants),
        products=all_inside("Product", where.products),
    )
    if where.in_stock is not None:
        filters["in_stock" if where.in_stock else "out_of_stock"] = True
    return filters
