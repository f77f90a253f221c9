"""Lists that hang off other objects, one statement for all of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from orjson import loads

from core.db import Row
from models.catalog import CollectionProduct, Product, Review
from resolvers.catalog.listings import COLLECTION_PRODUCTS, PRODUCTS, REVIEWS
from resolvers.catalog.tree import with_descendants
from resolvers.context import RequestContext
from resolvers.loaders.base import all_bring
from resolvers.loaders.catalog import ATTRIBUTES_OF_PRODUCTS, MEDIA_OF_PRODUCTS
from resolvers.paging import Ask, Page, Window, pages


async def products_of_categories(
    ctx: RequestContext, categories: Sequence[Row], asked: Window
) -> list[Page]:
    """Per category a page of the products in it and below it, newest first: one statement."""
    groups = [await with_descendants(ctx, category["id"]) for category in categories]
    ask = Ask(PRODUCTS, asked, "NEWEST")
    return await pages(ctx, ask, column=Product.category_id, groups=groups)


async def products_of_collections(
    ctx: RequestContext, collections: Sequence[Row], asked: Window
) -> list[Page]:
    """Per collection a page of its products, in the curator's order: one statement."""
    ask = Ask(COLLECTION_PRODUCTS, asked, "POSITION")
    groups = [[collection["id"]] for collection in collections]
    return await pages(ctx, ask, column=CollectionProduct.collection_id, groups=groups)


async def reviews(ctx: RequestContext, products: Sequence[Row], asked: Window) -> list[Page]:
    """Per product a page of its reviews, newest first: one statement."""
    ask = Ask(REVIEWS, asked, "NEWEST")
    groups = [[product["id"]] for product in products]
    return await pages(ctx, ask, column=Review.product_id, groups=groups)


async def products_of_merchants(
    ctx: RequestContext, merchants: Sequence[Row], asked: Window
) -> list[Page]:
    """Per merchant a page of its products, newest first: one statement."""
    ask = Ask(PRODUCTS, asked, "NEWEST")
    groups = [[merchant["id"]] for merchant in merchants]
    return await pages(ctx, ask, column=Product.merchant_id, groups=groups)


async def media(ctx: RequestContext, products: Sequence[Row]) -> list[Sequence[Any]]:
    """Per product its pictures, films and models; a page brings them in its own row."""
    if not all_bring(products, "media"):
        return await ctx.rows(MEDIA_OF_PRODUCTS, [product["id"] for product in products])
    return [
        [{**medium, "id": UUID(medium["id"])} for medium in loads(product["media"] or "[]")]
        for product in products
    ]


async def attributes(ctx: RequestContext, products: Sequence[Row]) -> list[Sequence[Any]]:
    """Per product its attribute values; a page brings them in its own row."""
    if not all_bring(products, "attributes"):
        return await ctx.rows(ATTRIBUTES_OF_PRODUCTS, [product["id"] for product in products])
    return [loads(product["attributes"] or "[]") for product in products]
