"""Variants: what can be put into a cart."""

from collections.abc import Sequence
from typing import Any

import strawberry
from orjson import loads

from core.db import Row
from engine.declare import batched, column, translated
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import PRODUCTS_VISIBLE
from schema.access import ANYONE
from schema.catalog.enums import Availability
from schema.fields import Node, lazy, relation
from schema.ids import node_id
from schema.money import Money
from schema.pagination import connection
from services.cart import MAX_UNITS_PER_LINE


@strawberry.type(description="The value that a variant has of one option: size L.")
class SelectedOption:  # rows: (option slug, value slug)
    option: str = column(str, 0, description="The slug of the option.")
    value: str = column(str, 1, description="The slug of the value.")


@strawberry.type(
    description="What can be bought: a product in one size and colour.", directives=[ANYONE]
)
class ProductVariant(Node):
    id: strawberry.ID = node_id("ProductVariant")
    sku: str = column(str, description="The merchant's number of it; unique for the merchant.")
    barcode: str | None = column(str | None, description="GTIN, EAN or UPC.")
    name: str = translated(
        str, is_chosen=True, description="What tells it from its siblings: `Red / L`."
    )
    position: int = column(int, description="The place among its siblings.")
    weight_grams: int = column(int, description="In grams; 0 when not known.")
    minimum_quantity: int = column(
        int, description="How many the merchant wants to be bought at once; not enforced yet."
    )
    is_active: bool = column(bool, description="Inactive ones are seen by staff only.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    product = relation(
        lazy("Product", "schema.catalog.product") | None,
        PRODUCTS_VISIBLE,
        "product_id",
        description="The product it belongs to; null when it is not published.",
    )

    @batched(list[SelectedOption], description="Its value of each option of the product.")
    def options(ctx: RequestContext, variants: Sequence[Row]) -> list[Any]:
        return [list(loads(variant["options"]).items()) for variant in variants]

    @batched(
        Money | None,
        description="What a unit costs, tax included; null when not for sale in the currency.",
    )
    async def price(ctx: RequestContext, variants: Sequence[Row]) -> list[Any]:
        offers = await resolve.offers(ctx, variants)
        return _money([offer["amount_minor"] for offer in offers], ctx.currency)

    @batched(Money | None, description="What it cost before, to be shown struck through.")
    async def compare_at_price(ctx: RequestContext, variants: Sequence[Row]) -> list[Any]:
        offers = await resolve.offers(ctx, variants)
        return _money([offer["compare_at_minor"] for offer in offers], ctx.currency)

    @batched(
        int, description="How many can be ordered now; shown up to the 99 that a cart line takes."
    )
    async def quantity_available(ctx: RequestContext, variants: Sequence[Row]) -> list[int]:
        offers = await resolve.offers(ctx, variants)
        return [
            available
            if (available := offer["available"]) < MAX_UNITS_PER_LINE
            else MAX_UNITS_PER_LINE
            for offer in offers
        ]

    @batched(Availability, description="Whether it can be bought now.")
    async def availability(ctx: RequestContext, variants: Sequence[Row]) -> list[str]:
        offers = await resolve.offers(ctx, variants)
        return [
            Availability.IN_STOCK if offer["available"] > 0 else Availability.OUT_OF_STOCK
            for offer in offers
        ]


def _money(amounts: Sequence[int | None], currency: str) -> list[tuple[int, str] | None]:
    return [None if minor is None else (minor, currency) for minor in amounts]


ProductVariantConnection = connection(ProductVariant)
