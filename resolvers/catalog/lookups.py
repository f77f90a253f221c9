"""Objects of the catalogue by the names that people use: one statement each."""

from typing import Final

from sqlalchemy import Text, bindparam, select

from core.db import Query, Row
from models.catalog import Category, Collection, Product, Variant
from resolvers.catalog.listings import COLLECTION_LIST
from resolvers.context import RequestContext
from resolvers.loaders.catalog import CATEGORIES, PRODUCT_COLUMNS
from resolvers.scope import visible_product

_PRODUCT_BY_SKU = Query(
    select(*PRODUCT_COLUMNS)
    .join(Variant, Variant.product_id == Product.id)
    .where(Variant.sku == bindparam("sku", type_=Text()), visible_product())
    .order_by(Product.id)
    .limit(1)
)
_COLLECTION_BY_SLUG = Query(
    COLLECTION_LIST.statement.where(Collection.slug == bindparam("slug", type_=Text()))
)
_CATEGORY_BY_SLUG: Final = Query(
    select(*Category.__table__.c).where(Category.slug == bindparam("slug", type_=Text()))
)


async def product_by_sku(ctx: RequestContext, sku: str) -> Row | None:
    """The product with a variant of this SKU; the oldest when several merchants use it."""
    rows = await ctx.fetch(_PRODUCT_BY_SKU, sku=sku)
    return rows[0] if rows else None


async def collection_by_slug(ctx: RequestContext, slug: str) -> Row | None:
    rows = await ctx.fetch(_COLLECTION_BY_SLUG, slug=slug)
    return rows[0] if rows else None


async def category_by_slug(ctx: RequestContext, slug: str) -> Row | None:
    """From the snapshot of the tree; a miss asks the database once more."""
    for row in (await CATEGORIES.by_id(ctx.fetch)).values():
        if row["slug"] == slug:
            return row
    rows = await ctx.fetch(_CATEGORY_BY_SLUG, slug=slug)
    return rows[0] if rows else None
