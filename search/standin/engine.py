"""The engine that stands in for Elasticsearch: PostgreSQL."""

import time
from collections.abc import Sequence
from typing import Any, Final

from core.db import Reader
from search.answer import Answer
from search.engine import POSTGRESQL
from search.question import Choices, Need, Question, SortKey
from search.standin.asking import asked
from search.standin.correcting import asked_of, corrected, typed
from search.standin.matching import Near
from search.standin.reading import answer
from search.standin.spelling import Spelling, but_forms
from search.standin.statement import BOUND, COUNTED_BY, Shape, counts_of, query_of
from search.words import Words

WIDE_KEPT: Final = 1_000


class Standin:
    """One statement per question; one more when words are new that may have typing errors.

    And one more when words turn out to match BOUND products: those that sell best are to count.
    The next one who asks for these words asks for the best sellers at once.
    """

    name = POSTGRESQL

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._spelling = Spelling(reader)
        self._wide: set[str] = set()

    async def search(self, question: Question) -> Answer:
        near = await self._near(question.words)
        query = query_of(_shape(question, near))
        text = question.words.text
        is_wide = text in self._wide or _is_everything(question)
        started = time.perf_counter()
        [row] = await self._reader.fetch(query, **asked(question, near, by_popularity=is_wide))
        if row["found"] == BOUND and not is_wide and question.needs != {Need.COUNT}:
            self._wide = {text} if len(self._wide) >= WIDE_KEPT else self._wide | {text}
            [row] = await self._reader.fetch(query, **asked(question, near, by_popularity=True))
        took_ms = round((time.perf_counter() - started) * 1000)
        return answer(row, question, near, took_ms)

    async def counts(self, questions: Sequence[Question]) -> list[int]:
        if not questions:
            return []
        near = await self._near(*(question.words for question in questions))
        values: dict[str, Any] = {}
        for number, question in enumerate(questions):
            all_of_it = asked(question.needing(Need.COUNT), near)
            all_of_it["query"] = all_of_it["queries"][0]
            values |= {f"{name}_{number}": all_of_it[name] for name in COUNTED_BY}
        [row] = await self._reader.fetch(counts_of(len(questions)), **values)
        return list(row.values())

    async def corrected(self, words: Words, language: str) -> Words | None:
        near = await self._spelling.far(typed(words))
        if not near:
            return None
        queries = asked_of(words, near)
        return corrected(words, near, await self._spelling.known(queries))

    async def _near(self, *asked_for: Words) -> Near:
        words = [word for each in asked_for for word in typed(each)]
        return but_forms(await self._spelling.near(words)) if words else {}


def _is_everything(question: Question) -> bool:
    return question.words.is_empty and question.choices == Choices()


def _shape(question: Question, near: Near) -> Shape:
    needs, has_words = question.needs, not question.words.is_empty
    has_page = Need.HITS in needs
    return Shape(
        sort=question.sort if has_page else SortKey.RELEVANCE,
        is_falling=has_page and question.is_descending != question.part.backwards,
        has_place=has_page and question.part.place is not None,
        has_words=has_words,
        has_near=has_page and bool(near),
        page=has_page,
        documents=has_page and has_words and Need.HIGHLIGHTS in needs,
        facets=Need.FACETS in needs,
    )
