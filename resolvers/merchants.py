"""Merchants: lists and lookups."""

from typing import Final

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from core.db import Query, Row
from models.merchants import Merchant
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.merchants import visible_merchant

MERCHANT_LIST: Final = Listing(
    select(*Merchant.__table__.c).where(visible_merchant()),
    Merchant.id,
    sorts={"NAME": Sort(Merchant.name)},
    filters={
        "statuses": Merchant.status == any_(bindparam("statuses", type_=ARRAY(Text()))),
        "slugs": Merchant.slug == any_(bindparam("slugs", type_=ARRAY(Text()))),
    },
    spread={},
)
_BY_SLUG: Final = Query(
    MERCHANT_LIST.statement.where(Merchant.slug == bindparam("slug", type_=Text()))
)


async def merchant_by_slug(ctx: RequestContext, slug: str) -> Row | None:
    rows = await ctx.fetch(_BY_SLUG, slug=slug)
    return rows[0] if rows else None
