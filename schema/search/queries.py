"""Queries of shoppers who search."""

from typing import Annotated, Any

import strawberry

from core.errors import BadUserInput
from engine.declare import root
from resolvers import search as resolve
from resolvers.context import RequestContext
from resolvers.paging import window
from resolvers.search import MAX_SUGGESTED
from schema.access import ANYONE
from schema.pagination import After, Before, First, Last, is_falling
from schema.search.inputs import ProductSearchSort, ProductSearchWhere, choices_of
from schema.search.types import ProductSearchConnection, SearchSuggestions
from search.question import Choices

Words = Annotated[
    str,
    strawberry.argument(
        description="What somebody typed, in any language: words, a SKU, a barcode. At most 200"
        " characters; the first 12 words count. Nothing in it is an operator. Empty: everything."
    ),
]
Typed = Annotated[
    str,
    strawberry.argument(
        description="What was typed so far: at most 200 characters; nothing is suggested for none."
    ),
]
Few = Annotated[
    int, strawberry.argument(description="How many of each kind at most: 0 to 10, 5 if not said.")
]


@strawberry.type
class SearchQuery:
    @root(
        ProductSearchConnection,
        auth=ANYONE,
        description="Finds listed products: by words in their names, brands, categories, attributes"
        " and texts, with typing errors and unfinished last words; by SKU and barcode exactly.",
    )
    async def search_products(
        ctx: RequestContext,
        query: Words,
        where: ProductSearchWhere | None = None,
        sort_by: ProductSearchSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        sort = sort_by or ProductSearchSort()
        currency = ctx.shop.settings.shop_currency
        return await resolve.search_products(
            ctx,
            query=query,
            choices=choices_of(where, currency) if where else Choices(),
            sort=sort.key,
            descending=is_falling(sort.direction),
            window=window(first, after, last, before),
        )

    @root(
        SearchSuggestions,
        auth=ANYONE,
        description="What to show below a search field, key by key; wait until somebody pauses"
        " typing before you ask.",
    )
    async def search_suggestions(ctx: RequestContext, prefix: Typed, first: Few = 5) -> Any:
        if not 0 <= first <= MAX_SUGGESTED:
            raise BadUserInput(f"first must be between 0 and {MAX_SUGGESTED}.")
        return await resolve.suggestions(ctx, prefix=prefix, size=first)
