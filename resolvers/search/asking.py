"""A search: one round trip to the engine for whatever of its answer is asked for."""

import hashlib
from asyncio import gather
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from math import isfinite
from operator import itemgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.batch import Loader
from core.db import Row
from core.errors import BadUserInput, Unavailable
from resolvers.context import RequestContext, Shop
from resolvers.cursors import decoded, encoded, value_of
from resolvers.loaders.catalog import PRODUCTS_VISIBLE
from resolvers.paging import OTHER_LIST, Part, Size, Window
from resolvers.search.vocabulary import key_of, ranking, vocabulary
from search.answer import COUNT_LIMIT, Answer, Highlights, Hit
from search.engine import ELASTICSEARCH, EngineFailed
from search.question import (
    Choices,
    Need,
    Part as PartAsked,
    Place,
    Question,
    SortKey,
)
from search.words import parse

ANYTHING: Final = "ANYTHING"  # what a field needs that only asks who answers, and how fast
OTHER_ENGINE: Final = (
    "The cursor is of another search engine than the one that answers now; ask without it."
)
HIGHEST_SCORE: Final = 1e12
HIGHEST_RATING: Final = 500


class Begun(NamedTuple):
    """Where a page begins: who said so, and the place."""

    engine: str
    place: Place


class Asking:
    """What one search asks of the engines. Knows neither the operation nor its rows."""

    def __init__(
        self, shop: Shop, question: Question, begun: Begun | None, *, is_noted: bool
    ) -> None:
        self.shop, self.question, self.begun = shop, question, begun
        self.is_noted = is_noted and begun is None
        self.last: Answer | None = None

    async def read(self, needs: Sequence[Any]) -> list[tuple[Any, Answer]]:
        """The answer, for each of the needs.

        Raises: BadUserInput for a cursor of the other engine; Unavailable.
        """
        wanted = frozenset(need for need in needs if need != ANYTHING)
        if Need.HIGHLIGHTS in wanted:
            wanted |= {Need.HITS}
        if wanted or self.last is None:
            self.last = await self._answer(wanted or frozenset({Need.COUNT}))
        return [(need, self.last) for need in needs]

    async def _answer(self, needs: frozenset[Need]) -> Answer:
        try:
            answer = await self.shop.search.search(self.question.needing(*needs))
        except EngineFailed:
            raise Unavailable("Search is not to be had right now; try again later.") from None
        if self.begun is not None and self.begun.engine != answer.engine:
            raise BadUserInput(OTHER_ENGINE)
        if self.is_noted and (answer.hits or answer.total is not None or Need.HITS in needs):
            self.is_noted = False
            self._note(answer)
        return answer

    def _note(self, answer: Answer) -> None:
        """For the report and for suggestions. Without a count, what came is known to be there."""
        total = len(answer.hits) if answer.total is None else answer.total
        self.shop.searched.add(
            self.question.words.text,
            self.question.language,
            has_results=total > 0,
            total=total if self.question.choices == Choices() else None,
            took_ms=answer.took_ms,
            is_degraded=answer.engine != ELASTICSEARCH,
        )


class Found:
    """The row of a connection: what is asked for of it in one round is one question."""

    def __init__(self, ctx: RequestContext, asking: Asking, window: Window) -> None:
        self.question, self.window = asking.question, window
        self._batch = ctx.batch
        self._loader = Loader(ctx.batch, asking.read, itemgetter(0), many=False)

    async def answers(self, *needs: Any) -> list[Answer]:
        """An answer per need; all fields that ask in one round wait together."""
        if self._batch.driven:
            rows = await self._loader.rows(needs)
        else:
            rows = await gather(*map(self._loader.load, needs))
        return [answer for _, answer in rows]

    async def answer(self, need: Any = ANYTHING) -> Answer:
        return (await self.answers(need))[0]

    async def is_degraded(self) -> bool:
        return (await self.answer()).engine != ELASTICSEARCH

    async def hits(self) -> "Hits":
        return Hits(self, await self.answer(Need.HITS))

    async def size(self) -> Size:
        total = (await self.answer(Need.COUNT)).total or 0
        return Size(total, "EXACT") if total <= COUNT_LIMIT else Size(COUNT_LIMIT, "AT_LEAST")

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.question)


class Hits(Part[Hit]):
    """A page of what was found."""

    def __init__(self, found: Found, answer: Answer) -> None:
        super().__init__(found.window, answer.hits, has_more=answer.has_more)
        self.fingerprint, self.engine = found.fingerprint, answer.engine

    def cursor(self, hit: Hit) -> str:
        return encoded(self.engine, self.fingerprint, *hit.place)


class Edge(NamedTuple):
    page: Hits
    hit: Hit
    product: Row
    highlights: Highlights


async def search_products(
    ctx: RequestContext,
    *,
    query: str,
    choices: Choices,
    sort: SortKey,
    descending: bool | None,
    window: Window,
    is_noted: bool = True,
) -> Found:
    """Begin a search. Raises: BadUserInput for a query that is too long, or a cursor of another."""
    words = parse(query, await vocabulary(ctx))
    question = Question(
        words,
        choices,
        sort,
        descending,
        language=ctx.language,
        ranking=await ranking(ctx, query),
    )
    begun = begun_at(window.cursor, question) if window.cursor is not None else None
    part = PartAsked(window.size, begun and begun.place, window.backwards)
    asking = Asking(ctx.shop, replace(question, part=part), begun, is_noted=is_noted)
    return Found(ctx, asking, window)


async def products(ctx: RequestContext, found: Found) -> list[Row]:
    """What was found, as far as the caller may see it now: the index may be a moment behind."""
    hits = await found.hits()
    rows = await ctx.rows(PRODUCTS_VISIBLE, [hit.id for hit in hits.rows])
    return [row for row in rows if row is not None]


async def edges(ctx: RequestContext, found: Found) -> list[Edge]:
    """The same, with their places. Highlights come in the same round trip, if they are wanted."""
    wanted = (Need.HITS, Need.HIGHLIGHTS) if "highlights" in ctx.asked else (Need.HITS,)
    answers = await found.answers(*wanted)
    page, highlights = Hits(found, answers[0]), answers[-1].highlights
    rows = await ctx.rows(PRODUCTS_VISIBLE, [hit.id for hit in page.rows])
    return [
        Edge(page, hit, row, highlights.get(hit.id, {}))
        for hit, row in zip(page.rows, rows, strict=True)
        if row is not None
    ]


def fingerprint(question: Question) -> str:
    """What a cursor must agree with: all that decides about the order and what is in the list.

    What staff decides is not in it: whoever turns pages goes on while words and rules change.
    """
    choices = question.choices
    facts = (
        key_of(question.words.text),
        *(
            sorted(each.hex for each in ids)
            for ids in (
                choices.categories,
                choices.brands,
                choices.merchants,
                choices.product_types,
            )
        ),
        sorted(repr(each) for each in choices.prices),
        choices.in_stock,
        choices.minimum_rating,
        sorted((slug, sorted(values)) for slug, values in choices.attributes.items()),
        question.sort.value,
        question.is_descending,
        # The language decides about the score.
        question.language if question.sort is SortKey.RELEVANCE else "",
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def begun_at(cursor: str, question: Question) -> Begun:
    """Raises: BadUserInput for a cursor that is not of this list."""

    def begun(engine: Any, mark: Any, value: Any, product_id: Any) -> Begun:
        if not isinstance(engine, str):
            raise TypeError
        place = Place(_sort_value(question.sort, value), UUID(hex=product_id))
        if mark != fingerprint(question):
            raise BadUserInput(OTHER_LIST)
        return Begun(engine, place)

    return decoded(cursor, begun)


def _sort_value(sort: SortKey, value: Any) -> float | int | datetime:
    """Raises: ValueError and others for what no hit of this sort has."""
    if sort is SortKey.RELEVANCE:
        score = float(value)
        if isinstance(value, str | bool) or not (isfinite(score) and abs(score) < HIGHEST_SCORE):
            raise ValueError
        return score
    found: int | datetime = value_of(value, datetime if sort is SortKey.NEWEST else int)
    if sort is SortKey.RATING and not 0 <= value <= HIGHEST_RATING:
        raise ValueError
    return found
