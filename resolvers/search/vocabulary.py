"""Words and rules of the platform's staff, as the process holds them: at most 5 seconds old."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from core.db import Row
from resolvers.context import RequestContext
from resolvers.loaders.base import Derived
from resolvers.loaders.search import ACTIVE_RULES, VOCABULARIES
from search.question import Ranking
from search.words import NO_VOCABULARY, Vocabulary, pieces
from services.search import VOCABULARY_ID

NO_RANKING: Final = Ranking()
NOTHING_DECIDED: Final[Row] = {
    "id": VOCABULARY_ID,
    "synonyms": [],
    "stop_words": [],
    "version": 1,
    "updated_at": None,
}


def key_of(text: str) -> str:
    """By which rules and queries are found again: the words alone, whatever stands between."""
    return " ".join(phrase_of(text))


def phrase_of(text: str) -> tuple[str, ...]:
    return tuple(word.text for word in pieces(text))


def _vocabulary(rows: Mapping[Any, Row]) -> Vocabulary:
    row = rows.get(VOCABULARY_ID)
    if row is None:
        return NO_VOCABULARY
    synonyms: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
    for each in row["synonyms"]:
        phrases = [phrase_of(phrase) for phrase in each["phrases"]]
        typed = phrases if each["typed"] is None else [phrase_of(each["typed"])]
        for phrase in typed:
            others = (other for other in phrases if other != phrase)
            synonyms.setdefault(phrase, {}).update(dict.fromkeys(others))
    return Vocabulary(
        frozenset(row["stop_words"]), {phrase: [*others] for phrase, others in synonyms.items()}
    )


def _rankings(rows: Mapping[Any, Row]) -> dict[str, Ranking]:
    return {
        query: Ranking(
            tuple(UUID(bytes=each.bytes) for each in row["pinned"]),
            {UUID(key): factor / 100 for key, factor in row["boosted"].items()},
            frozenset(UUID(bytes=each.bytes) for each in row["buried"]),
        )
        for query, row in rows.items()
    }


VOCABULARY: Final = Derived(VOCABULARIES, _vocabulary)
RANKINGS: Final = Derived(ACTIVE_RULES, _rankings)


async def vocabulary(ctx: RequestContext) -> Vocabulary:
    return await VOCABULARY.value(ctx.fetch)


async def ranking(ctx: RequestContext, query: str) -> Ranking:
    return (await RANKINGS.value(ctx.fetch)).get(key_of(query), NO_RANKING)


async def vocabulary_row(ctx: RequestContext) -> Row:
    """For staff, who must not edit what is five seconds old."""
    rows = await ctx.fetch(VOCABULARIES.query)
    return rows[0] if rows else NOTHING_DECIDED
