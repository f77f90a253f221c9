"""Words that may have been meant: those of the products that a typed one is near to.

Near is: the same first letter, and as few wrong letters as the word may have. PostgreSQL brings
the most similar by trigrams, where it has the extension `pg_trgm`; wrong letters are counted here.
Without the extension nothing is near.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from core.db import Query, Reader
from models.search import SearchDocument, SearchWord
from search.standin.matching import Near
from search.standin.stemming import stem
from search.words import Word
from services.recordset import table_of

CANDIDATES: Final = 60  # of each word, the most similar first
ENDING: Final = 3  # letters that forms of a word differ by
FAR_EDITS: Final = 2
NEAR: Final = 8  # words that one is taken for, at most
KEPT_SECONDS: Final = 30.0  # what was found; more may have come since
NOTHING_KEPT_SECONDS: Final = 2.0
KEPT_WORDS: Final = 10_000

_AFTER_ALL: Final = "\U0010ffff"
_documents, _words = table_of(SearchDocument), table_of(SearchWord)


def distance(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour.

    Anything above `most` is `most + 1`.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, start=1):
        before_that, before, row = before, row, [n]
        for m, another in enumerate(other, start=1):
            least = min(row[m - 1] + 1, before[m] + 1, before[m - 1] + (letter != another))
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == another:
                least = min(least, before_that[m - 2] + 1)
            row.append(least)
        if min(row) > most and min(before) > most:
            return most + 1
    return min(row[-1], most + 1)


class Spelling:
    """Keeps what it found for a moment: many ask for the same words."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._has_trigrams: bool | None = None
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def near(self, words: Iterable[Word]) -> Near:
        """Word as typed -> known ones, the nearest first; those without any are left out."""
        asked = {word.text: word for word in words if word.edits and word.text.isalpha()}
        now = asyncio.get_running_loop().time()
        new = [word for text, word in asked.items() if self._is_old(text, now)]
        if new and await self._can():
            await self._look(new, now)
        kept = {text: self._kept[text][1] for text in asked if text in self._kept}
        return {text: near for text, near in kept.items() if near}

    async def far(self, words: Iterable[Word]) -> Near:
        """The same for words that nothing was found with.

        The first letter may be wrong as well, and two letters of shorter words, too.
        """
        texts = sorted({each.text for each in words if each.is_correctable and each.text.isalpha()})
        if not texts or not await self._can():
            return {}
        similar = await self._similar(
            texts,
            edits=[FAR_EDITS] * len(texts),
            firsts=[""] * len(texts),
            nexts=[_AFTER_ALL] * len(texts),
        )
        near = {text: _nearest(text, FAR_EDITS, found) for text, found in similar.items()}
        return {text: others for text, others in near.items() if others}

    async def known(self, queries: Sequence[str]) -> list[bool]:
        """Whether products have what each query asks for."""
        return [row["is_known"] for row in await self._reader.fetch(_KNOWN, queries=queries)]

    def _is_old(self, text: str, now: float) -> bool:
        return text not in self._kept or self._kept[text][0] < now

    async def _can(self) -> bool:
        if self._has_trigrams is None:
            [row] = await self._reader.fetch(_PROBE)
            self._has_trigrams = row["has_trigrams"]
        return self._has_trigrams

    async def _look(self, words: Sequence[Word], now: float) -> None:
        similar = await self._similar(
            [word.text for word in words],
            edits=[word.edits for word in words],
            firsts=[word.text[0] for word in words],
            nexts=[chr(ord(word.text[0]) + 1) for word in words],
        )
        if len(self._kept) > KEPT_WORDS:
            self._kept.clear()
        for word in words:
            near = _nearest(word.text, word.edits, similar[word.text])
            seconds = KEPT_SECONDS if near else NOTHING_KEPT_SECONDS
            self._kept[word.text] = now + seconds, near

    async def _similar(self, texts: Sequence[str], **limits: Any) -> dict[str, Sequence[str]]:
        """Of each text the most similar words from its `firsts` to before its `nexts`."""
        rows = await self._reader.fetch(_SIMILAR, words=texts, **limits)
        return {text: row["similar"] for text, row in zip(texts, rows, strict=True)}


def _nearest(text: str, edits: int, similar: Iterable[str]) -> tuple[str, ...]:
    """Sorting keeps the more similar of the equally near first.

    As near as two words are their stems, which have no endings.
    """
    begun = stem(text)
    distances = {
        other: min(distance(text, other, edits), distance(begun, stem(other), edits))
        for other in similar
    }
    near = [other for other, wrong in distances.items() if wrong <= edits]
    return tuple(sorted(near, key=distances.__getitem__)[:NEAR])


def but_forms(near: Near) -> Near:
    """Without other forms of the same word: its stem finds them."""
    meant = {
        typed: [other for other in others if stem(other) != stem(typed)]
        for typed, others in near.items()
    }
    return {typed: others for typed, others in meant.items() if others}


def _similar() -> Query:
    """Words of the same first letter are neighbours in the table's key: a short index scan."""
    arrays = [bindparam("words", type_=ARRAY(Text())), bindparam("edits", type_=ARRAY(Integer()))]
    arrays += [bindparam(name, type_=ARRAY(Text())) for name in ("firsts", "nexts")]
    asked = (
        func.unnest(*arrays)
        .table_valued(
            *(column("word", Text()), column("edits", Integer())),
            *(column("first", Text()), column("next", Text())),
            with_ordinality="place",
        )
        .render_derived(name="asked")
    )
    word = _words.c.word
    letters = func.length(asked.c.word)
    similar = (
        select(word)
        .where(
            word >= asked.c.first,
            word < asked.c.next,
            word != asked.c.word,
            func.length(word).between(
                letters - asked.c.edits - ENDING, letters + asked.c.edits + ENDING
            ),
        )
        .order_by(func.similarity(word, asked.c.word).desc(), word)
        .limit(literal_column(str(CANDIDATES)))
        .correlate(asked)
    )
    found = func.array(similar.scalar_subquery()).label("similar")
    return Query(select(found).select_from(asked).order_by(asked.c.place))


def _known() -> Query:
    asked = (
        func.unnest(bindparam("queries", type_=ARRAY(TSQUERY())))
        .table_valued(column("query", TSQUERY()), with_ordinality="place")
        .render_derived(name="asked")
    )
    found = exists().where(_documents.c.terms.bool_op("@@")(asked.c.query)).correlate(asked)
    return Query(select(found.label("is_known")).select_from(asked).order_by(asked.c.place))


_SIMILAR: Final = _similar()
_KNOWN: Final = _known()
_has_trigrams = func.to_regprocedure(literal_column("'similarity(text,text)'")).is_not(None)
_PROBE: Final = Query(select(_has_trigrams.label("has_trigrams")))
