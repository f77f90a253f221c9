"""What a search finds, and how it may go on."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from engine.declare import batched, column
from resolvers import search as resolve
from resolvers.context import RequestContext
from resolvers.paging import Size
from resolvers.search import Edge, FacetKind, Found, Help, Hits, Prefix
from schema.catalog.product import Product
from schema.catalog.taxonomy import Brand, Category
from schema.fields import computed
from schema.money import Money
from schema.pagination import Count, PageInfo

strawberry.enum(FacetKind, description="What a facet is about, in the order in which facets come.")

FRAGMENT = "HTML in which what was found stands in <em>; the rest is escaped. Null: nothing there."


@strawberry.type(
    description="Where the words stand in a product's texts, in the caller's language: safe HTML."
)
class SearchHighlights:  # rows: field -> fragments
    name: str | None = computed(
        str | None, lambda row: next(iter(row.get("name", ())), None), description=FRAGMENT
    )
    summary: str | None = computed(
        str | None, lambda row: next(iter(row.get("summary", ())), None), description=FRAGMENT
    )
    description: str | None = computed(
        str | None,
        lambda row: next(iter(row.get("description", ())), None),
        description=f"At most about 160 characters. {FRAGMENT}",
    )


@strawberry.type(description="A found product, with its place in the list.")
class ProductSearchEdge:
    @batched(Product, description="The product, as the caller sees it now.")
    def node(ctx: RequestContext, edges: Sequence[Edge]) -> list[Row]:
        return [edge.product for edge in edges]

    @batched(
        str,
        description="Where it stands: pass it as `after` or `before`. It is good for this query"
        " with these conditions in this order, while the same search engine answers.",
    )
    def cursor(ctx: RequestContext, edges: Sequence[Edge]) -> list[str]:
        return [edge.page.cursor(edge.hit) for edge in edges]

    @batched(SearchHighlights, description="Where the words stand in its texts.")
    def highlights(ctx: RequestContext, edges: Sequence[Edge]) -> list[Any]:
        return [edge.highlights for edge in edges]


@strawberry.type(description="One value of a facet.")
class FacetBucket:
    value: str = column(
        str,
        description="What to pass in `where`: an id of a category, brand or merchant; a value of an"
        " attribute; the stars of a rating; IN_STOCK, OUT_OF_STOCK. Of a price it only names the"
        " range: pass `minimum` and `maximum`.",
    )
    label: str = column(str, description="For people, in the caller's language.")
    count: int = column(
        int, description="How many products would be left if this were chosen in this facet."
    )
    selected: bool = column(bool, description="Whether `where` has it.")
    parent: str | None = column(
        str | None,
        description="Of a category: the value above it, when that is among these; else null.",
    )
    minimum: Money | None = column(
        Money | None, description="Of a price: at least this; null when there is no limit."
    )
    maximum: Money | None = column(
        Money | None, description="Of a price: at most this; null when there is no limit."
    )


@strawberry.type(
    description="What the result may be narrowed by. Its counts are those of the query with all"
    " conditions but its own."
)
class Facet:
    key: str = column(
        str,
        description="Names it: `category`, `price`, `brand`, `availability`, `rating`, `merchant`;"
        " of an attribute its slug. Unique among those of a kind.",
    )
    label: str = column(str, description="For people, in the caller's language.")
    kind: FacetKind = column(FacetKind, description="What it is about.")

    @batched(
        list[FacetBucket],
        description="At most 50, those that were chosen among them even when nothing has them."
        " Categories in the order of the tree; prices rising, at most 6 ranges that fit the result;"
        " brands, merchants and texts by count, then by label; in stock first; most stars first;"
        " choices of an attribute in its own order, numbers rising.",
    )
    def buckets(ctx: RequestContext, facets: Sequence[Row]) -> list[Any]:
        return [facet["buckets"] for facet in facets]


@strawberry.type(description="The same query with one word less.")
class ShorterQuery:  # rows: (query, dropped word, count)
    query: str = column(str, 0, description="What is left.")
    dropped: str = column(str, 1, description="The word that is left out.")
    count: int = column(int, 2, description="How many products it finds, at most 10,000.")


@strawberry.type(description="What to offer somebody who found nothing.")
class SearchHelp:
    @batched(str | None, description="The query without its typing errors, if that finds anything.")
    def did_you_mean(ctx: RequestContext, offers: Sequence[Help]) -> list[str | None]:
        return [offer.did_you_mean for offer in offers]

    @batched(
        ShorterQuery | None,
        description="The query without its least useful word: that without which most is found.",
    )
    def without_word(ctx: RequestContext, offers: Sequence[Help]) -> list[Any]:
        return [offer.without_word for offer in offers]

    @batched(int, description="How many products the query finds without `where`; 0 without one.")
    def without_conditions(ctx: RequestContext, offers: Sequence[Help]) -> list[int]:
        return [offer.without_choices for offer in offers]

    @batched(Category | None, description="The category that is called most like the query.")
    def category(ctx: RequestContext, offers: Sequence[Help]) -> list[Any]:
        return [offer.category for offer in offers]


@strawberry.type(
    description="A page of what was found. The search engine works out just what is asked for."
)
class ProductSearchConnection:
    @batched(list[ProductSearchEdge], description="The products with their places.")
    async def edges(ctx: RequestContext, found: Sequence[Found]) -> list[Any]:
        return [await resolve.edges(ctx, each) for each in found]

    @batched(list[Product], description="The products.")
    async def nodes(ctx: RequestContext, found: Sequence[Found]) -> list[Any]:
        return [await resolve.products(ctx, each) for each in found]

    @batched(PageInfo, description="Where this page stands, and how to get the next one.")
    async def page_info(ctx: RequestContext, found: Sequence[Found]) -> list[Hits]:
        return [await each.hits() for each in found]

    @batched(Count, description="How many products were found.")
    async def total_count(ctx: RequestContext, found: Sequence[Found]) -> list[Size]:
        return [await each.size() for each in found]

    @batched(
        list[Facet],
        description="What the result may be narrowed by, in the order of FacetKind; attributes by"
        " their place in their product types, then by slug. Those without values are left out.",
    )
    async def facets(ctx: RequestContext, found: Sequence[Found]) -> list[Any]:
        return [await resolve.facets(ctx, each) for each in found]

    @batched(
        SearchHelp | None,
        description="What may help when nothing was found; null when something was.",
    )
    async def suggestions(ctx: RequestContext, found: Sequence[Found]) -> list[Help | None]:
        return [await resolve.help_for(ctx, each) for each in found]

    @batched(
        bool,
        description="Whether the stand-in answered, because the search engine is not there or too"
        " slow: everything works, relevance is a little coarser.",
    )
    async def degraded(ctx: RequestContext, found: Sequence[Found]) -> list[bool]:
        return [await each.is_degraded() for each in found]

    @batched(int, description="How long the search engine took, in milliseconds.")
    async def took_ms(ctx: RequestContext, found: Sequence[Found]) -> list[int]:
        return [(await each.answer()).took_ms for each in found]


@strawberry.type(description="What somebody may want who has typed so far.")
class SearchSuggestions:  # rows: Prefix
    @batched(
        list[str],
        description="What others searched for that begins so, most often first; each finds"
        " something now.",
    )
    async def queries(ctx: RequestContext, prefixes: Sequence[Prefix]) -> list[list[str]]:
        return [await resolve.often_asked(ctx, prefix) for prefix in prefixes]

    @batched(list[Product], description="Products, the most relevant first.")
    async def products(ctx: RequestContext, prefixes: Sequence[Prefix]) -> list[Any]:
        return [await resolve.suggested_products(ctx, prefix) for prefix in prefixes]

    @batched(list[Category], description="Categories that are called so and have products.")
    async def categories(ctx: RequestContext, prefixes: Sequence[Prefix]) -> list[Any]:
        return [await resolve.suggested_categories(ctx, prefix) for prefix in prefixes]

    @batched(list[Brand], description="Brands that are called so and have products.")
    async def brands(ctx: RequestContext, prefixes: Sequence[Prefix]) -> list[Any]:
        return [await resolve.suggested_brands(ctx, prefix) for prefix in prefixes]
