"""The shop itself: what a client must know before it shows anything."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from core.settings import Settings
from engine.declare import batched, root
from models.payments import PaymentMethod
from resolvers.context import FALLBACK_LANGUAGE, RequestContext
from schema.access import ANYONE
from schema.scalars import CurrencyCode, LanguageCode
from services import payments

VERSION: Final = "0.1.0"  # that of pyproject.toml
LANGUAGES: Final = (FALLBACK_LANGUAGE, "zh-Hans")
DESCRIPTION: Final = {
    "en": "A marketplace: products of many merchants in one cart.",
    "zh-Hans": "一个集市：多家商户的商品，一辆购物车。",
}


@strawberry.type(description="The marketplace.")
class Shop:  # rows: Settings
    @batched(str, description="Its name.")
    def name(ctx: RequestContext, shops: Sequence[Settings]) -> list[str]:
        return [settings.shop_name for settings in shops]

    @batched(str, description="What it is, in the caller's language.")
    def description(ctx: RequestContext, shops: Sequence[Settings]) -> list[str]:
        text = DESCRIPTION.get(ctx.language) or DESCRIPTION[ctx.fallback]
        return [text for _ in shops]

    @batched(CurrencyCode, description="The currency that lists are sorted and filtered by.")
    def currency(ctx: RequestContext, shops: Sequence[Settings]) -> list[str]:
        return [settings.shop_currency for settings in shops]

    @batched(
        list[LanguageCode],
        description="Languages of names and texts; the first stands in for missing ones.",
    )
    def languages(ctx: RequestContext, shops: Sequence[Settings]) -> list[Any]:
        return [list(LANGUAGES) for _ in shops]

    @batched(
        list[PaymentMethod],
        description="Ways to pay, as `paymentInitialize` takes them; empty if none is set up.",
    )
    def payment_methods(ctx: RequestContext, shops: Sequence[Settings]) -> list[Any]:
        known = payments.PROVIDERS.items()
        ways = [method for method, name in known if name in ctx.shop.providers]
        return [ways for _ in shops]

    @batched(str, description="The version of this server.")
    def version(ctx: RequestContext, shops: Sequence[Settings]) -> list[str]:
        return [VERSION for _ in shops]


@strawberry.type
class ShopQuery:
    @root(Shop, auth=ANYONE, description="The marketplace itself.")
    async def shop(ctx: RequestContext) -> Any:
        return ctx.shop.settings
