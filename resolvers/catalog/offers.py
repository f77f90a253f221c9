"""What products cost and whether they can be had, for lists."""

from collections.abc import Sequence

from core.db import Row
from resolvers.context import RequestContext
from resolvers.loaders.base import all_bring
from resolvers.loaders.catalog import OFFERS, VARIANTS_VISIBLE

Amount = tuple[int, str]  # minor units, currency


async def offers(ctx: RequestContext, variants: Sequence[Row]) -> Sequence[Row]:
    """Per variant what it costs in the operation's currency, and how many can be promised.

    The variants of a product bring it in their own rows.
    """
    if all_bring(variants, "amount_minor"):
        return variants
    return await ctx.rows(OFFERS, [variant["id"] for variant in variants])


async def offers_of_products(ctx: RequestContext, products: Sequence[Row]) -> list[list[Row]]:
    """Per product the offers of its variants."""
    return await ctx.rows(VARIANTS_VISIBLE, [product["id"] for product in products])


async def price_ranges(
    ctx: RequestContext, products: Sequence[Row]
) -> list[tuple[Amount, Amount] | None]:
    """(lowest, highest) per product; None when nothing is priced in the currency."""
    currency = ctx.currency
    if currency == ctx.shop.settings.shop_currency:
        return [
            ((row["price_min_minor"], currency), (row["price_max_minor"], currency))
            if row["is_listed"] or row["price_max_minor"]
            else None
            for row in products
        ]
    ranges: list[tuple[Amount, Amount] | None] = []
    for group in await offers_of_products(ctx, products):
        amounts = [offer["amount_minor"] for offer in group if offer["amount_minor"] is not None]
        ranges.append(((min(amounts), currency), (max(amounts), currency)) if amounts else None)
    return ranges
