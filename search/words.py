"""What somebody typed, taken apart: the same for both engines.

A query is a list of groups that a product must all match. A group is a word with what means the
same: alternatives, each of one or more words. Text becomes small letters without accents, of one
width; everything that is neither letter, digit nor mark only separates.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Final

from core.errors import BadUserInput

MAX_CHARACTERS: Final = 200
MAX_WORDS: Final = 12
MAX_ALTERNATIVES: Final = 8  # of a group
ONE_EDIT_FROM, TWO_EDITS_FROM = 5, 8  # letters: a sofa is not soft
CORRECTED_FROM: Final = 4  # letters: somebody who found nothing is offered more

# Scripts that are written without spaces between words.
HAN: Final = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Vowel signs and the like belong to the letter before; expressions know no class for them.
MARKS: Final = "".join(
    sign for sign in map(chr, range(0x300, 0x10000)) if unicodedata.category(sign) in {"Mn", "Mc"}
)
_LETTERS: Final = rf"(?:[^\W_{HAN}]++[{MARKS}]*+)++"
_PIECE: Final = re.compile(rf"[{HAN}]+|{_LETTERS}(?:['’]{_LETTERS})*")
_CODE: Final = re.compile(
    r"(?<!\w)(?:[a-z0-9]+(?:[-_./][a-z0-9]+)+|(?=[a-z]*\d)[a-z0-9]{4,})(?!\w)"
)
_ACCENTS: Final = re.compile(r"(?<=[a-z])[\u0300-\u036f]+")
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")  # databases take neither
_SEPARATORS: Final = re.compile(r"[\s\-_./]+")


class Kind(StrEnum):
    """WORD: letters with spaces around. HAN: Chinese or Japanese. NUMBER: has a digit."""

    WORD = "WORD"
    HAN = "HAN"
    NUMBER = "NUMBER"


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    kind: Kind

    @property
    def edits(self) -> int:
        """How many letters may be wrong: none in short words, in Chinese, or beside digits."""
        if self.kind is not Kind.WORD or len(self.text) < ONE_EDIT_FROM:
            return 0
        return 1 if len(self.text) < TWO_EDITS_FROM else 2

    @property
    def is_correctable(self) -> bool:
        """Whether something else may have been meant, when nothing was found."""
        return self.kind is Kind.WORD and len(self.text) >= CORRECTED_FROM


Phrase = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """alternatives: the first is what was typed; typing errors are looked for in that one only.

    is_prefix: the last word typed, maybe not to its end: words that begin so match as well.
    """

    alternatives: tuple[Phrase, ...]
    is_prefix: bool = False

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.alternatives[0])


@dataclass(frozen=True)
class Words:
    """text: what was typed, normalised. code: the whole without separators, as a SKU may be."""

    text: str = ""
    groups: tuple[Group, ...] = ()
    codes: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not self.groups

    def without(self, index: int) -> "Words":
        """The same with one group less."""
        kept = tuple(group for n, group in enumerate(self.groups) if n != index)
        return Words(" ".join(group.text for group in kept), kept)


@dataclass(frozen=True)
class Vocabulary:
    """What staff decided about words: stop words, and what means the same.

    synonyms: phrase as typed, normalised -> the phrases that it may be replaced by.
    """

    stop_words: frozenset[str] = frozenset()
    synonyms: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    @cached_property
    def longest(self) -> int:
        return max((len(phrase) for phrase in self.synonyms), default=0)


NO_VOCABULARY: Final = Vocabulary()


def normalised(text: str) -> str:
    apart = unicodedata.normalize("NFKD", _NO_TEXT.sub(" ", text)).casefold()
    return " ".join(unicodedata.normalize("NFC", _ACCENTS.sub("", apart)).split())


def code_of(text: str) -> str:
    """A SKU or barcode as it is compared: without separators."""
    return _SEPARATORS.sub("", normalised(text))


def pieces(text: str) -> list[Word]:
    """The words of any text, in order, duplicates included."""
    return [_word(found[0]) for found in _PIECE.finditer(normalised(text))]


@lru_cache(maxsize=50_000)
def _word(text: str) -> Word:
    if re.match(f"[{HAN}]", text):
        return Word(text, Kind.HAN)
    if any(character.isdigit() for character in text):
        return Word(text, Kind.NUMBER)
    return Word(text, Kind.WORD)


def parse(text: str, vocabulary: Vocabulary = NO_VOCABULARY) -> Words:
    """Raises: BadUserInput for more than MAX_CHARACTERS characters."""
    if len(text) > MAX_CHARACTERS:
        raise BadUserInput(f"A query has at most {MAX_CHARACTERS} characters.")
    plain = normalised(text)
    found = pieces(plain)[:MAX_WORDS]
    kept = [word for word in found if word.text not in vocabulary.stop_words] or found
    codes = {code_of(plain), *map(code_of, _CODE.findall(plain))} if found else set()
    return Words(plain, tuple(_groups(kept, vocabulary)), frozenset(codes))


def _groups(words: Sequence[Word], vocabulary: Vocabulary) -> Iterable[Group]:
    place = 0
    while place < len(words):
        length, others = _synonyms(words, place, vocabulary)
        typed = tuple(words[place : place + length])
        place += length
        alternatives = (typed, *(tuple(map(_word, phrase)) for phrase in others))
        group = Group(alternatives[:MAX_ALTERNATIVES])
        yield replace(group, is_prefix=True) if place == len(words) else group


def _synonyms(
    words: Sequence[Word], place: int, vocabulary: Vocabulary
) -> tuple[int, Sequence[tuple[str, ...]]]:
    """How many words from here mean the same as something else, and what; the longest wins."""
    for length in range(min(vocabulary.longest, len(words) - place), 0, -1):
        phrase = tuple(word.text for word in words[place : place + length])
        if phrase in vocabulary.synonyms:
            return length, vocabulary.synonyms[phrase]
    return 1, ()
