"""Search as the platform's staff sees it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.db import Row
from core.identity import Permission
from core.ids import encoder
from engine.declare import batched, column
from resolvers import search as resolve
from resolvers.context import RequestContext
from resolvers.loaders.catalog import PRODUCTS_VISIBLE
from schema.access import staff
from schema.catalog.product import Product
from schema.fields import Node, computed, relation
from schema.ids import PREFIXES, node_id
from schema.pagination import connection
from schema.scalars import DateTime

_product = encoder(PREFIXES["Product"])


@strawberry.type(description="Phrases that mean the same to a search.")
class SearchSynonyms:
    phrases: list[str] = column(
        list[str], description="Each as search reads it: small letters, words only."
    )
    typed: str | None = column(
        str | None,
        description="If it is there: only who types this finds the phrases too, not the reverse."
        " Null: each phrase finds all the others.",
    )


@strawberry.type(
    description="What staff decided about words. It counts when somebody searches, within five"
    " seconds; nothing has to be indexed again."
)
class SearchVocabulary:
    @batched(list[SearchSynonyms], description="All sets of synonyms, in a fixed order.")
    def synonyms(ctx: RequestContext, rows: Sequence[Row]) -> list[Any]:
        return [row["synonyms"] for row in rows]

    stop_words: list[str] = column(
        list[str], description="Words that are not searched for beside others, from a to z."
    )
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    updated_at: DateTime | None = column(
        DateTime | None, description="When it was changed last; null when it never was."
    )


@strawberry.type(description="A product that a rule names.")
class SearchRuleProduct:  # rows: product_id, factor
    product_id: strawberry.ID = column(strawberry.ID, convert=_product, description="Its id.")
    product: Product | None = relation(
        Product | None,
        PRODUCTS_VISIBLE,
        "product_id",
        description="The product; null when you may not see it, as other merchants' drafts.",
    )
    factor: float | None = column(
        float | None, description="By what its score is multiplied; null where it is not."
    )


def _named(row: Row, name: str) -> list[Mapping[str, Any]]:
    return [{"product_id": each, "factor": None} for each in row[name]]


@strawberry.type(
    description="What comes first, higher or last for one query, when sorted by relevance.",
    directives=[staff(Permission.MANAGE_TAXONOMY)],
)
class SearchRule(Node):
    id: strawberry.ID = node_id("SearchRule")
    query: str = column(
        str, description="The query as search reads it: its words in small letters."
    )
    is_active: bool = column(bool, description="Whether it counts.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    created_at: DateTime = column(DateTime, description="When it was made.")
    updated_at: DateTime = column(DateTime, description="When it was changed last.")

    @batched(
        list[SearchRuleProduct],
        description="Come first, in this order, even without the words, if the conditions let"
        " them.",
    )
    def pinned(ctx: RequestContext, rules: Sequence[Row]) -> list[Any]:
        return [_named(rule, "pinned") for rule in rules]

    @batched(
        list[SearchRuleProduct], description="Come higher, or lower with factors below 1, by id."
    )
    def boosted(ctx: RequestContext, rules: Sequence[Row]) -> list[Any]:
        return [
            [
                {"product_id": UUID(key), "factor": hundredths / 100}
                for key, hundredths in sorted(rule["boosted"].items())
            ]
            for rule in rules
        ]

    @batched(list[SearchRuleProduct], description="Come after all others, by id.")
    def buried(ctx: RequestContext, rules: Sequence[Row]) -> list[Any]:
        return [_named(rule, "buried") for rule in rules]


SearchRuleConnection = connection(SearchRule)


@strawberry.type(description="How often something was searched for, in all languages together.")
class SearchedQuery:
    query: str = column(str, description="As search reads it.")
    searches: int = column(int, description="How often; first pages only.")
    without_results: int = column(int, description="How many of these found nothing.")
    average_took_ms: float = computed(
        float,
        lambda row: row["took_ms"] / row["searches"],
        description="How long the search engine took on average, in milliseconds.",
    )
    clicks: int = column(int, description="How many products were clicked in its results.")
    average_click_rank: float | None = column(
        float | None, description="In which place they stood on average, from 1; null without any."
    )


Many = Annotated[int, strawberry.argument(description="How many: 0 to 100, 20 if not said.")]


def _queries(description: str, *, is_fruitless: bool) -> Any:
    @batched(list[SearchedQuery], description=description)
    async def listed(ctx: RequestContext, reports: Sequence[Row], first: Many = 20) -> list[Any]:
        return [
            await resolve.queries(ctx, each["report"], first, is_fruitless=is_fruitless)
            for each in reports
        ]

    return listed


@strawberry.type(
    description="How search did. What looks like somebody's e-mail address or number is in none of"
    " these figures; nothing says who searched."
)
class SearchReport:
    searches: int = column(int, description="How many searches there were; first pages only.")
    without_results: int = column(int, description="How many of them found nothing.")
    degraded: int = column(int, description="How many of them the stand-in answered.")
    average_took_ms: float | None = computed(
        float | None,
        lambda row: row["took_ms"] / row["searches"] if row["searches"] else None,
        description="How long the search engine took on average, in milliseconds; null without"
        " searches.",
    )
    clicks: int = column(
        int, description="How many products were clicked in results, as `eventTrack` heard."
    )
    average_click_rank: float | None = column(
        float | None, description="In which place they stood on average, from 1; null without any."
    )
    dead_letters: int = column(
        int, description="How many products the search engine refuses to take at this moment."
    )
    top_queries: list[SearchedQuery] = _queries("What was searched for most.", is_fruitless=False)
    queries_without_results: list[SearchedQuery] = _queries(
        "What found nothing most often.", is_fruitless=True
    )
