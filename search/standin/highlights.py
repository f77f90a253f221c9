"""Fragments of a product's texts with the words that were found: HTML, with `<em>` around them."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from search.answer import Highlights
from search.documents import ENGLISH
from search.standin import lexemes
from search.standin.matching import Near, begun
from search.standin.stemming import stem
from search.words import HAN, MARKS, Kind, Words, normalised

CHARACTERS: Final = 160  # of a fragment
_BEFORE: Final = 60  # characters of a fragment before the first word found
_ROOT: Final = 3  # letters that all forms of a word have in common
_FIELDS: Final = {"name": "names", "summary": "summaries", "description": "descriptions"}
_LETTER: Final = rf"(?:[^\W_{HAN}]|[{MARKS}])"
_NO_WORDS: Final = re.compile(r"(?!)")

Marks = list[tuple[int, int]]  # from, to


@dataclass(frozen=True)
class Sought:
    """The words of a question as they are looked for in texts.

    exact: as they stand. stems: of the same. near: what they may have meant, and its stems.
    begun: how the last one begins, empty: none does. pairs: of Chinese.
    """

    exact: frozenset[str]
    stems: frozenset[str]
    near: frozenset[str]
    begun: str
    pairs: frozenset[str]
    pattern: re.Pattern[str]

    def has(self, word: str, *, is_english: bool, is_short: bool) -> bool:
        if word in self.exact or (is_short and word in self.near):
            return True
        if is_short and self.begun and word.startswith(self.begun):
            return True
        return is_english and stem(word) in self.stems


def sought(words: Words, near: Near) -> Sought:
    every = [word for group in words.groups for phrase in group.alternatives for word in phrase]
    plain = [lexemes.plain(word) for word in every if word.kind is not Kind.HAN]
    others = frozenset(other for meant in near.values() for other in meant)
    roots = {word[:_ROOT] for word in (*plain, *others)}
    return Sought(
        exact=frozenset(plain),
        stems=frozenset(lexemes.stemmed(word) for word in every if word.kind is not Kind.HAN),
        near=others,
        begun=_begun(words),
        pairs=frozenset(
            pair for word in every if word.kind is Kind.HAN for pair in lexemes.han(word)
        ),
        pattern=_beginning_with(roots),
    )


def _begun(words: Words) -> str:
    last = begun(words)
    return lexemes.plain(last) if last else ""


def _beginning_with(roots: Iterable[str]) -> re.Pattern[str]:
    if not roots:
        return _NO_WORDS
    either = "|".join(map(re.escape, sorted(roots)))
    return re.compile(rf"(?<!{_LETTER})(?:{either})(?:{_LETTER}|['’]{_LETTER})*")


def highlighted(document: Mapping[str, Any], words: Sought, language: str) -> Highlights:
    """Field -> fragments, of the fields where something is found.

    A text is the caller's, or the English one where there is none.
    """
    found: dict[str, list[str]] = {}
    for field, texts_of in _FIELDS.items():
        texts: Mapping[str, str] = document[texts_of]
        of = language if language in texts else ENGLISH
        text = unicodedata.normalize("NFC", texts.get(of, "")[: lexemes.DESCRIPTION_CHARACTERS])
        is_short = field != "description"
        marks = _marks(text, words, is_english=of == ENGLISH, is_short=is_short)
        if marks:
            whole = (0, len(text))
            found[field] = [_html(text, marks, *(whole if field == "name" else _part(text, marks)))]
    return found


def _marks(text: str, words: Sought, *, is_english: bool, is_short: bool) -> Marks:
    """Where words are found, in order; neighbours are one."""
    folded = _folded(text)
    places = [
        found.span()
        for found in words.pattern.finditer(folded)
        if words.has(found[0].replace("’", "'"), is_english=is_english, is_short=is_short)
    ]
    for pair in words.pairs:
        places += [(start, start + len(pair)) for start in _every(folded, pair)]
    marks: Marks = []
    for start, end in sorted(places):
        if marks and start <= marks[-1][1]:
            marks[-1] = marks[-1][0], max(end, marks[-1][1])
        else:
            marks.append((start, end))
    return marks


def _every(text: str, part: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


def _folded(text: str) -> str:
    """As words are compared, but every character where it was."""
    return text.lower() if text.isascii() else "".join(map(_fold, text))


@lru_cache(maxsize=10_000)
def _fold(character: str) -> str:
    folded = normalised(character)
    return folded if len(folded) == 1 else character


def _part(text: str, marks: Marks) -> tuple[int, int]:
    """Around the first word found, cut between words where there are any."""
    first, last = marks[0]
    start = max(0, min(first - _BEFORE, len(text) - CHARACTERS))
    end = min(len(text), max(start + CHARACTERS, min(last, first + CHARACTERS)))
    if start and (space := text.find(" ", start, first)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", last, end)) >= 0:
        end = space
    return start, end


def _html(text: str, marks: Marks, start: int, end: int) -> str:
    parts, here = [], start
    for mark_start, mark_end in marks:
        if mark_start < start or mark_end > end:
            continue
        parts.append(html.escape(text[here:mark_start]))
        parts.append(f"<em>{html.escape(text[mark_start:mark_end])}</em>")
        here = mark_end
    parts.append(html.escape(text[here:end]))
    return "".join(parts)
