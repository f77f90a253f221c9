"""Carts and their lines."""

from collections.abc import Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any

import strawberry

from core.db import Row
from core.money import amount_text
from engine.declare import batched, column
from models.cart import CartStatus
from resolvers import cart as resolve
from resolvers.cart import Line
from resolvers.context import RequestContext
from resolvers.loaders.catalog import VARIANTS_BY_REFERENCE
from resolvers.loaders.merchants import MERCHANTS
from schema.access import ANYONE
from schema.catalog.variant import ProductVariant
from schema.fields import Node, computed, reference, relation
from schema.ids import node_id
from schema.merchants import Merchant
from schema.money import Money
from schema.scalars import CurrencyCode, DateTime

strawberry.enum(CartStatus, description="OPEN carts can be changed; the others are history.")


@strawberry.enum(description="What the shopper should know about a line before buying.")
class CartLineProblemCode(StrEnum):
    NOT_FOR_SALE = "NOT_FOR_SALE"
    OUT_OF_STOCK = "OUT_OF_STOCK"
    PRICE_CHANGED = "PRICE_CHANGED"


@strawberry.type(description="What the shopper should know about a line before buying.")
class CartLineProblem:  # rows: dicts
    code: CartLineProblemCode = column(CartLineProblemCode, description="What it is.")
    message: str = column(str, description="A sentence for a person, in English.")
    available: int | None = column(
        int | None, description="How many could be had: with OUT_OF_STOCK."
    )
    previous_price = computed(
        Money | None,
        itemgetter("previous"),
        description="What a unit cost when it was added: with PRICE_CHANGED.",
    )


def problems_of(line: Line) -> list[dict[str, Any]]:
    """What a line has against being bought as it stands."""
    currency, seen = line.row["currency"], line.row["unit_price_minor"]
    if not line.offer or not line.is_for_sale:
        message = "This is not for sale at the moment."
        return [_problem(CartLineProblemCode.NOT_FOR_SALE, message)]
    found = []
    if line.unit_minor != seen:
        message = f"The price was {amount_text(seen, currency)} {currency} when it was added."
        found.append(
            _problem(CartLineProblemCode.PRICE_CHANGED, message, previous=(seen, currency))
        )
    available = line.offer["available"]
    if available < line.row["quantity"]:
        message = f"Only {available} left." if available else "It is sold out."
        found.append(_problem(CartLineProblemCode.OUT_OF_STOCK, message, available=available))
    return found


def _problem(
    code: CartLineProblemCode,
    message: str,
    *,
    available: int | None = None,
    previous: tuple[int, str] | None = None,
) -> dict[str, Any]:
    return {"code": code, "message": message, "available": available, "previous": previous}


@strawberry.type(description="Units of one variant in a cart.", directives=[ANYONE])
class CartLine(Node):  # rows: cart_lines with their cart's currency
    id: strawberry.ID = node_id("CartLine")
    quantity: int = column(int, description="How many units: 1 to 99.")
    variant: ProductVariant | None = relation(
        ProductVariant | None, VARIANTS_BY_REFERENCE, "variant_id", description="What it is."
    )

    @batched(
        Money,
        description=(
            "What a unit costs now; what it cost when it was added if it is not for sale any more."
        ),
    )
    async def unit_price(ctx: RequestContext, rows: Sequence[Row]) -> list[Any]:
        lines = await resolve.priced(ctx, rows)
        return [(line.unit_minor, line.row["currency"]) for line in lines]

    @batched(Money, description="The unit price times the quantity.")
    async def total(ctx: RequestContext, rows: Sequence[Row]) -> list[Any]:
        lines = await resolve.priced(ctx, rows)
        return [(line.total_minor, line.row["currency"]) for line in lines]

    @batched(
        list[CartLineProblem],
        description=(
            "What changed since it was added, or stands against buying it; told, never silently"
            " taken. `cartLinesUpdate` of a line accepts its new price."
        ),
    )
    async def problems(ctx: RequestContext, rows: Sequence[Row]) -> list[Any]:
        return [problems_of(line) for line in await resolve.priced(ctx, rows)]


@strawberry.type(description="What one merchant's part of a cart is and costs.")
class CartGroup:  # rows: {"merchant_id", "lines": [Line], "currency"}
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Who sells these."
    )

    @batched(list[CartLine], description="The lines, in the order they were added.")
    def lines(ctx: RequestContext, groups: Sequence[Any]) -> list[Any]:
        return [[line.row for line in group["lines"]] for group in groups]

    @batched(Money, description="The sum of the lines; delivery is added at checkout.")
    def subtotal(ctx: RequestContext, groups: Sequence[Any]) -> list[Any]:
        return [
            (sum(line.total_minor for line in group["lines"]), group["currency"])
            for group in groups
        ]


@strawberry.type(
    description="What a shopper wants. Each shopper has one open cart, on all devices.",
    directives=[ANYONE],
)
class Cart(Node):
    id: strawberry.ID = node_id("Cart")
    status: CartStatus = column(CartStatus, description="OPEN carts can be changed.")
    currency: CurrencyCode = column(CurrencyCode, description="The currency of all prices in it.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    updated_at: DateTime = column(DateTime, description="When it was changed last.")

    @batched(list[CartLine], description="All lines, in the order they were added.")
    async def lines(ctx: RequestContext, carts: Sequence[Row]) -> list[Any]:
        return [[line.row for line in group] for group in await resolve.lines(ctx, carts)]

    @batched(list[CartGroup], description="The lines by merchant: each becomes an order.")
    async def groups(ctx: RequestContext, carts: Sequence[Row]) -> list[Any]:
        groups = []
        for cart, lines in zip(carts, await resolve.lines(ctx, carts), strict=True):
            by_merchant: dict[Any, list[Line]] = {}
            for line in lines:
                by_merchant.setdefault(line.row["merchant_id"], []).append(line)
            groups.append(
                [
                    {"merchant_id": merchant, "lines": group, "currency": cart["currency"]}
                    for merchant, group in by_merchant.items()
                ]
            )
        return groups

    @batched(int, description="The number of units in all lines.")
    async def total_quantity(ctx: RequestContext, carts: Sequence[Row]) -> list[int]:
        groups = await resolve.lines(ctx, carts)
        return [sum(line.row["quantity"] for line in lines) for lines in groups]

    @batched(Money, description="The sum of all lines, tax included, without delivery.")
    async def subtotal(ctx: RequestContext, carts: Sequence[Row]) -> list[Any]:
        groups = await resolve.lines(ctx, carts)
        return [
            (sum(line.total_minor for line in lines), cart["currency"])
            for cart, lines in zip(carts, groups, strict=True)
        ]
