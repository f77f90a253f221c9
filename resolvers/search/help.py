"""What to offer somebody who found nothing: worked out only when it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from core.db import Row
from resolvers.catalog import walked
from resolvers.context import RequestContext
from resolvers.search.asking import Found
from resolvers.search.names import Score, score
from search.answer import COUNT_LIMIT
from search.question import Choices, Need, Part, Question
from search.words import Words

MAX_DROPPED: Final = 6  # words that are tried without
MAX_CATEGORIES: Final = 3
_ALONE: Final = Part(0)


class Shorter(NamedTuple):
    """The query without a word of it, and how many products that finds."""

    query: str
    dropped: str
    products: int


@dataclass(frozen=True, slots=True)
class Help:
    """What helps, as far as there is any.

    without_choices: how many products the same words find when nothing else is chosen.
    """

    did_you_mean: str | None
    without_word: Shorter | None
    without_choices: int
    category: Row | None


async def help_for(ctx: RequestContext, found: Found) -> Help | None:
    """None when something was found, or nothing was searched for. Two round trips more at most."""
    if (await found.answer(Need.COUNT)).total or found.question.words.is_empty:
        return None
    question, search = found.question, ctx.shop.search
    words = question.words
    corrected = await search.corrected(words, question.language)
    shorter = _shorter(corrected or words, words)
    categories = await _named_like(ctx, words)
    others = [] if question.choices == Choices() else [replace(question, choices=Choices())]
    asked = [
        *([replace(question, words=corrected)] if corrected else []),
        *(replace(question, words=each) for each, _ in shorter),
        *(_all_in(question, row["id"]) for row in categories),
        *others,
    ]
    counts = iter(await search.counts([_counted(each) for each in asked]))
    is_better = bool(corrected and next(counts))
    return Help(
        corrected.text if corrected and is_better else None,
        _best(shorter, [next(counts) for _ in shorter]),
        category=_first(categories, [next(counts) for _ in categories]),
        without_choices=next(counts, 0),
    )


def _counted(question: Question) -> Question:
    return replace(question, part=_ALONE).needing(Need.COUNT)


def _all_in(question: Question, category_id: UUID) -> Question:
    return replace(question, words=Words(), choices=Choices(categories=frozenset({category_id})))


def _shorter(better: Words, typed: Words) -> list[tuple[Words, str]]:
    """The query without each of its words, the others corrected; and the word as it was typed."""
    if len(typed.groups) < 2:  # noqa: PLR2004 - nothing would be left
        return []
    return [(better.without(n), group.text) for n, group in enumerate(typed.groups[:MAX_DROPPED])]


def _best(shorter: Sequence[tuple[Words, str]], counts: Sequence[int]) -> Shorter | None:
    """The least useful word is the one without which the most is found."""
    found = [
        Shorter(words.text, dropped, min(count, COUNT_LIMIT))
        for (words, dropped), count in zip(shorter, counts, strict=True)
        if count
    ]
    return max(found, key=lambda each: each.products, default=None)


def _first(rows: Sequence[Row], counts: Sequence[int]) -> Row | None:
    return next((row for row, count in zip(rows, counts, strict=True) if count), None)


async def _named_like(ctx: RequestContext, words: Words) -> list[Row]:
    """Categories that are called like some of the words; the nearest first."""
    scored = [(score(words, row["name"].values()), row) for row in (await walked(ctx)).values()]
    near: list[tuple[Score, Any]] = [each for each in scored if each[0].matched]
    near.sort(key=lambda each: each[0], reverse=True)
    return [row for _, row in near[:MAX_CATEGORIES]]
