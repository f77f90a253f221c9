"""Suggestions while somebody types: bounded, and nothing that nobody may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Date, Text, bindparam, func, select

from core.clock import now
from core.db import Query, Row
from models.search import SearchedQuery
from resolvers.catalog import walked
from resolvers.context import RequestContext
from resolvers.loaders.catalog import BRANDS
from resolvers.paging import Window
from resolvers.search.asking import Found, products, search_products
from resolvers.search.names import score
from resolvers.search.vocabulary import vocabulary
from search.answer import FacetCounts
from search.question import Choices, Need, Part, Question, SortKey
from search.words import normalised, parse

MAX_SUGGESTED: Final = 10
DAYS: Final = timedelta(days=30)
FEWEST_SEARCHES: Final = 3
MAX_ROWS: Final = 5_000  # of the log that one key press may read: of a short prefix, a part
TRIED: Final = 2  # times as many queries as wanted: some find nothing any more
LAST_CHARACTER: Final = "\U0010ffff"  # sorts after every other, by bytes

_prefix = bindparam("prefix", type_=Text())
_near = (
    select(SearchedQuery.query, SearchedQuery.day, SearchedQuery.searches, SearchedQuery.last_total)
    .where(
        SearchedQuery.query >= _prefix,
        SearchedQuery.query < _prefix.concat(LAST_CHARACTER),
        SearchedQuery.day >= bindparam("since", type_=Date()),
    )
    .order_by(SearchedQuery.query)
    .limit(MAX_ROWS)
    .subquery()
)
_searches = func.sum(_near.c.searches)
OFTEN_ASKED: Final = Query(
    select(_near.c.query)
    .group_by(_near.c.query)
    .having(_searches >= FEWEST_SEARCHES, func.max(_near.c.last_total) > 0)
    .order_by(_searches.desc(), _near.c.query)
    .limit(bindparam("size", type_=BigInteger()))
)


@dataclass(frozen=True, slots=True)
class Prefix:
    """What was typed so far; found: the one question about it, None for nothing typed."""

    text: str
    size: int
    found: Found | None


async def suggestions(ctx: RequestContext, *, prefix: str, size: int) -> Prefix:
    """Raises: BadUserInput for a prefix that is too long."""
    if not prefix.strip():
        return Prefix("", size, None)
    found = await search_products(
        ctx,
        query=prefix,
        choices=Choices(),
        sort=SortKey.RELEVANCE,
        descending=None,
        window=Window(size, None, backwards=False),
        is_noted=False,
    )
    if found.question.words.is_empty:
        return Prefix("", size, None)
    return Prefix(normalised(prefix), size, found)


async def suggested_products(ctx: RequestContext, prefix: Prefix) -> list[Row]:
    return await products(ctx, prefix.found) if prefix.found and prefix.size else []


async def suggested_categories(ctx: RequestContext, prefix: Prefix) -> list[Row]:
    counts = await _counts(prefix)
    return _called(prefix, counts.categories, await walked(ctx))


async def suggested_brands(ctx: RequestContext, prefix: Prefix) -> list[Row]:
    counts = await _counts(prefix)
    return _called(prefix, counts.brands, await BRANDS.by_id(ctx.fetch))


async def _counts(prefix: Prefix) -> FacetCounts:
    answer = await prefix.found.answer(Need.FACETS) if prefix.found and prefix.size else None
    return (answer and answer.facets) or FacetCounts()


def _called(prefix: Prefix, counts: Mapping[UUID, int], rows: Mapping[Any, Row]) -> list[Row]:
    """Of what the products found belong to: what is called like all that was typed."""
    if prefix.found is None:
        return []
    words = prefix.found.question.words
    scored = []
    for key, count in counts.items():
        if key in rows:
            names = rows[key]["name"]
            texts = names.values() if isinstance(names, dict) else [names]
            fit = score(words, texts)
            if fit.matched == len(words.groups):
                scored.append((fit.quality, count, rows[key]["slug"], rows[key]))
    scored.sort(key=lambda each: (-each[0], -each[1], each[2]))
    return [row for *_, row in scored[: prefix.size]]


async def often_asked(ctx: RequestContext, prefix: Prefix) -> list[str]:
    """What others asked that begins so, and that still finds something: one statement."""
    if prefix.found is None or not prefix.size:
        return []
    size = prefix.size * TRIED
    since = now().date() - DAYS
    rows = await ctx.fetch(OFTEN_ASKED, prefix=prefix.text, since=since, size=size)
    queries = [row["query"] for row in rows]
    counts = await ctx.shop.search.counts(await _questions(ctx, prefix.found.question, queries))
    found = [query for query, count in zip(queries, counts, strict=True) if count]
    return found[: prefix.size]


async def _questions(ctx: RequestContext, like: Question, queries: Sequence[str]) -> list[Question]:
    known = await vocabulary(ctx)
    plain = replace(like, part=Part(0)).needing(Need.COUNT)
    return [replace(plain, words=parse(query, known)) for query in queries]
