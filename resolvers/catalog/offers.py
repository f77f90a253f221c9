"""What products cost and whether they can be had, for lists."""

from collections.abc import Sequence

from core.db import Row
from resolvers.context import RequestContext
from resolvers.loaders.catalog import OFFERS, VARIANTS_VISIBLE

Amount = tuple[int, str]  # minor units, currency


async def offers_of_products(ctx: RequestContext, products: Sequence[Row]) -> list[list[Row]]:
    """Per product the offers of its variants: price in the operation's currency, availability."""
    groups = await ctx.rows(VARIANTS_VISIBLE, [product["id"] for product in products])
    offers = iter(await ctx.rows(OFFERS, [row["id"] for group in groups for row in group]))
    return [[next(offers) for _ in group] for group in groups]


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
    for offers in await offers_of_products(ctx, products):
        amounts = [offer["amount_minor"] for offer in offers if offer["amount_minor"] is not None]
        ranges.append(((min(amounts), currency), (max(amounts), currency)) if amounts else None)
    return ranges
