"""Queries on what products are sorted into."""

from typing import Any, Final
from uuid import UUID

import strawberry

from core.errors import BadUserInput
from engine.declare import root
from resolvers import catalog as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import CATEGORIES, COLLECTIONS_VISIBLE
from resolvers.paging import Ask, page, window
from schema.access import ANYONE
from schema.catalog.by import IdOrSlug
from schema.catalog.taxonomy import (
    BrandConnection,
    Category,
    CategoryConnection,
    Collection,
    CollectionConnection,
    ProductTypeConnection,
)
from schema.ids import all_inside, inside
from schema.pagination import After, Before, First, Last

MAX_FILTER_VALUES: Final = 100
MAX_SEARCH_CHARACTERS: Final = 100
NOWHERE: Final = UUID(int=0)  # the id of nothing
SLUGS = "With one of these slugs; at most 100."


@strawberry.input(description="Which categories; all conditions must hold.")
class CategoryWhere:
    parent: strawberry.ID | None = strawberry.field(
        default=None, description="Directly below this category."
    )
    roots: bool | None = strawberry.field(
        default=None, description="True: only those that are below no other."
    )
    slugs: list[str] | None = strawberry.field(default=None, description=SLUGS)


@strawberry.input(description="Which collections; all conditions must hold.")
class CollectionWhere:
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these merchants; at most 100."
    )
    slugs: list[str] | None = strawberry.field(default=None, description=SLUGS)


@strawberry.input(description="Which brands; all conditions must hold.")
class BrandWhere:
    slugs: list[str] | None = strawberry.field(default=None, description=SLUGS)
    search: str | None = strawberry.field(
        default=None,
        description="The name begins with this, whatever the case of a-z; at most 100 characters.",
    )


@strawberry.input(description="Which product types.")
class ProductTypeWhere:
    slugs: list[str] | None = strawberry.field(default=None, description=SLUGS)


def limited(**lists: Any) -> dict[str, Any]:
    """Filters with lists of values. Raises: BadUserInput for too many."""
    if any(len(values) > MAX_FILTER_VALUES for values in lists.values() if values):
        raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
    return lists


@strawberry.type
class TaxonomyQuery:
    @root(Category | None, auth=ANYONE, description="A category; null when there is none.")
    async def category(ctx: RequestContext, by: IdOrSlug) -> Any:
        if by.id:
            return (await ctx.known(CATEGORIES, [inside("Category", by.id)]))[0]
        return await resolve.category_by_slug(ctx, by.slug or "")

    @root(CategoryConnection, auth=ANYONE, description="Categories, by position.")
    async def categories(
        ctx: RequestContext,
        where: CategoryWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = {}
        if where:
            filters = limited(slugs=where.slugs) | {"roots": where.roots or None}
            if where.parent is not None:
                filters["parents"] = [inside("Category", where.parent) or NOWHERE]
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.CATEGORY_LIST, asked, "POSITION", where=filters))

    @root(
        Collection | None,
        auth=ANYONE,
        description="A collection; null when it is not published.",
    )
    async def collection(ctx: RequestContext, by: IdOrSlug) -> Any:
        if by.id:
            return await ctx.one(COLLECTIONS_VISIBLE, inside("Collection", by.id))
        return await resolve.collection_by_slug(ctx, by.slug or "")

    @root(
        CollectionConnection,
        auth=ANYONE,
        description="Collections, by slug; shoppers see published ones.",
    )
    async def collections(
        ctx: RequestContext,
        where: CollectionWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = {}
        if where:
            merchants = all_inside("Merchant", where.merchants)
            filters = limited(slugs=where.slugs, merchants=merchants)
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.COLLECTION_LIST, asked, "SLUG", where=filters))

    @root(BrandConnection, auth=ANYONE, description="Brands, by name.")
    async def brands(
        ctx: RequestContext,
        where: BrandWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = {}
        if where:
            if len(where.search or "") > MAX_SEARCH_CHARACTERS:
                raise BadUserInput(f"Search for at most {MAX_SEARCH_CHARACTERS} characters.")
            filters = limited(slugs=where.slugs) | {"search": where.search or None}
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.BRAND_LIST, asked, "NAME", where=filters))

    @root(ProductTypeConnection, auth=ANYONE, description="Product types, by slug.")
    async def product_types(
        ctx: RequestContext,
        where: ProductTypeWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = limited(slugs=where.slugs) if where else {}
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.PRODUCT_TYPE_LIST, asked, "SLUG", where=filters))
