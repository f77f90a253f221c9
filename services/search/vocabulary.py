"""Synonyms and stop words: one small set for the whole shop, replaced as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, Refusals, VersionConflict
from models.search import SearchVocabulary
from services import audit, events

VOCABULARY_ID: Final = UUID(int=1)  # of the one row
MAX_SETS: Final = 1_000
MAX_PHRASES: Final = 8  # of a set: as many as a search tries
MAX_PHRASE_WORDS: Final = 5
MAX_PHRASE_CHARACTERS: Final = 100
MAX_STOP_WORDS: Final = 500
MAX_STOP_WORD_CHARACTERS: Final = 50

Phrase = tuple[str, ...]  # its words


@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymSet:
    """phrases: mean the same. typed: only who types this also finds the phrases, if it is there."""

    phrases: Sequence[Phrase]
    typed: Phrase | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept. The order of phrases means nothing."""
        return {
            "phrases": sorted({" ".join(phrase) for phrase in self.phrases}),
            "typed": None if self.typed is None else " ".join(self.typed),
        }


async def set_vocabulary(
    session: AsyncSession,
    *,
    synonyms: Sequence[SynonymSet],
    stop_words: Sequence[Phrase],
    expected_version: int | None = None,
) -> None:
    """Replace all synonyms and stop words; the same again is a no-op. Locks the one row.

    Raises: VersionConflict; Refusals of everything that is wrong.
    """
    if problems := [*_set_problems(synonyms), *_stop_word_problems(stop_words)]:
        raise Refusals(problems)
    row = await _locked(session)
    if expected_version not in {None, row.version}:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    sets = _sorted(each.plain() for each in synonyms)
    words = sorted({word for [word] in stop_words})
    if sets == row.synonyms and words == row.stop_words:
        return
    await session.execute(
        update(SearchVocabulary)
        .where(SearchVocabulary.id == VOCABULARY_ID)
        .values(synonyms=sets, stop_words=words, version=row.version + 1, updated_at=func.now())
    )
    version = row.version + 1
    changed = events.event("SearchVocabularyChanged", VOCABULARY_ID, version=version)
    await events.record(session, changed)
    await audit.record(session, _entry(row, sets, words))


async def _locked(session: AsyncSession) -> Any:
    first = insert(SearchVocabulary).values(id=VOCABULARY_ID, version=1)
    await session.execute(first.on_conflict_do_nothing())
    found = await session.execute(
        select(
            SearchVocabulary.synonyms, SearchVocabulary.stop_words, SearchVocabulary.version
        ).with_for_update(key_share=True)
    )
    return found.one()


def _sorted(sets: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each once, in an order that does not depend on who sent them."""
    kept = {(each["typed"] or "", *each["phrases"]): each for each in sets}
    return [kept[key] for key in sorted(kept)]


def _entry(row: Any, sets: list[dict[str, Any]], words: list[str]) -> audit.Entry:
    """What came and what went: the whole would be too long to be read."""
    gone = {
        "synonyms": [each for each in row.synonyms if each not in sets],
        "stop_words": sorted({*row.stop_words} - {*words}),
    }
    new = {
        "synonyms": [each for each in sets if each not in row.synonyms],
        "stop_words": sorted({*words} - {*row.stop_words}),
    }
    return audit.entry(
        "SEARCH_VOCABULARY_CHANGED", "SearchVocabulary", VOCABULARY_ID, before=gone, after=new
    )


def _set_problems(synonyms: Sequence[SynonymSet]) -> Iterator[DomainError]:
    if len(synonyms) > MAX_SETS:
        yield InvalidInput(problem=f"At most {MAX_SETS} sets.", path=("synonyms",))
        return
    for n, each in enumerate(synonyms):
        path = ("synonyms", str(n))
        fewest = 2 if each.typed is None else 1
        if not fewest <= len({*each.phrases}) <= MAX_PHRASES:
            problem = f"A set has {fewest} to {MAX_PHRASES} different phrases."
            yield InvalidInput(problem=problem, path=(*path, "phrases"))
            continue
        for m, phrase in enumerate(each.phrases):
            yield from _phrase_problems(phrase, *path, "phrases", str(m))
        if each.typed is not None:
            yield from _phrase_problems(each.typed, *path, "typed")
            if each.typed in each.phrases:
                problem = "It finds itself anyway: leave it out of the phrases."
                yield InvalidInput(problem=problem, path=(*path, "typed"))


def _phrase_problems(phrase: Phrase, *path: str) -> Iterator[DomainError]:
    length = len(" ".join(phrase))
    if not 1 <= len(phrase) <= MAX_PHRASE_WORDS or length > MAX_PHRASE_CHARACTERS:
        problem = (
            f"A phrase has 1 to {MAX_PHRASE_WORDS} words,"
            f" at most {MAX_PHRASE_CHARACTERS} characters together."
        )
        yield InvalidInput(problem=problem, path=path)


def _stop_word_problems(words: Sequence[Phrase]) -> Iterator[DomainError]:
    if len(words) > MAX_STOP_WORDS:
        yield InvalidInput(problem=f"At most {MAX_STOP_WORDS} stop words.", path=("stopWords",))
        return
    for n, word in enumerate(words):
        if len(word) != 1 or len(word[0]) > MAX_STOP_WORD_CHARACTERS:
            problem = f"A stop word is one word of at most {MAX_STOP_WORD_CHARACTERS} characters."
            yield InvalidInput(problem=problem, path=("stopWords", str(n)))
