"""Merchants as everybody may see them."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry

from core.db import Row
from core.errors import BadUserInput
from engine.declare import batched, column, root, translated
from models.merchants import MerchantMode, MerchantStatus
from resolvers import catalog, merchants as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import MERCHANTS_VISIBLE
from resolvers.paging import Ask, page, window
from schema.access import ANYONE
from schema.catalog.by import IdOrSlug
from schema.fields import Node, lazy
from schema.ids import inside, node_id
from schema.pagination import After, Before, First, Last, connection

MAX_FILTER_VALUES: Final = 100

strawberry.enum(MerchantStatus, description="Only ACTIVE ones sell.")
strawberry.enum(MerchantMode, description="To whom a merchant sells, and where.")


@strawberry.type(description="A seller on the marketplace.", directives=[ANYONE])
class Merchant(Node):
    id: strawberry.ID = node_id("Merchant")
    slug: str = column(str, description="A stable, readable name for addresses.")
    name: str = column(str, description="The name shoppers see.")
    description: str | None = translated(str | None, description="What it sells and stands for.")
    status: MerchantStatus = column(MerchantStatus, description="Only ACTIVE ones sell.")
    mode: MerchantMode = column(MerchantMode, description="To whom it sells, and where.")

    @batched(
        lazy("MerchantProductConnection", "schema.catalog.product"),
        description="Its listed products, for its staff all of them, newest first.",
    )
    async def products(
        ctx: RequestContext,
        merchants: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        asked = window(first, after, last, before)
        return await catalog.products_of_merchants(ctx, merchants, asked)


MerchantConnection = connection(Merchant)


@strawberry.input(description="Which merchants; all conditions must hold.")
class MerchantWhere:
    statuses: list[MerchantStatus] | None = strawberry.field(
        default=None, description="By status; only the platform's staff sees others than ACTIVE."
    )
    slugs: list[str] | None = strawberry.field(
        default=None, description="With one of these slugs; at most 100."
    )


@strawberry.type
class MerchantQuery:
    @root(
        Merchant | None,
        auth=ANYONE,
        description="A merchant; null when it does not sell (yet), but for those who run it.",
    )
    async def merchant(ctx: RequestContext, by: IdOrSlug) -> Any:
        if by.id:
            return await ctx.one(MERCHANTS_VISIBLE, inside("Merchant", by.id))
        return await resolve.merchant_by_slug(ctx, by.slug or "")

    @root(
        MerchantConnection,
        auth=ANYONE,
        description="Merchants by name: for all those who sell; for MANAGE_MERCHANTS every one.",
    )
    async def merchants(
        ctx: RequestContext,
        where: MerchantWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters: dict[str, Any] = {}
        if where:
            if len(where.slugs or ()) > MAX_FILTER_VALUES:
                raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
            filters = {"slugs": where.slugs, "statuses": where.statuses}
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.MERCHANT_LIST, asked, "NAME", where=filters))
