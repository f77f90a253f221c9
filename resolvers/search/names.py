"""Whether what somebody typed is the name of a category or brand, typing errors allowed. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from search.words import Group, Kind, Word, Words, pieces

EXACT, BEGINNING, NEARLY = 3.0, 2.0, 1.0
NOT_AT_ALL: Final = 0.0


class Score(NamedTuple):
    """matched: how many groups of the words the name has; quality: how well, and how closely."""

    matched: int
    quality: float


def score(words: Words, names: Iterable[str]) -> Score:
    """Of the name, of several in other languages, that fits best."""
    return max((_score(words, name) for name in names), default=Score(0, NOT_AT_ALL))


def _score(words: Words, name: str) -> Score:
    there = pieces(name)
    found = [_group(group, there) for group in words.groups]
    matched = [each for each in found if each]
    extra = max(len(there) - len(matched), 0)
    return Score(len(matched), sum(matched) - 0.1 * extra)


def _group(group: Group, there: list[Word]) -> float:
    """The best alternative; errors are looked for in what was typed only."""
    best = max(_phrase(phrase, group, there) for phrase in group.alternatives)
    if best or len(group.alternatives[0]) > 1:
        return best
    [typed] = group.alternatives[0]
    return NEARLY if any(is_near(typed, word.text) for word in there) else NOT_AT_ALL


def _phrase(phrase: tuple[Word, ...], group: Group, there: list[Word]) -> float:
    found = []
    for n, word in enumerate(phrase):
        is_prefix = group.is_prefix and n == len(phrase) - 1
        found.append(max((_word(word, each, is_prefix) for each in there), default=NOT_AT_ALL))
    return min(found)


def _word(word: Word, there: Word, is_prefix: bool) -> float:
    if word.text == there.text:
        return EXACT
    if word.kind is Kind.HAN:
        return BEGINNING if word.text in there.text or there.text in word.text else NOT_AT_ALL
    stem, other = _stem(word.text), _stem(there.text)
    if stem == other:
        return EXACT
    is_beginning = is_prefix and len(word.text) > 1 and there.text.startswith(word.text)
    return BEGINNING if is_beginning else NOT_AT_ALL


def _stem(text: str) -> str:
    """Lamps are lamps, one or several."""
    return text[:-1] if len(text) > 3 and text.endswith("s") else text  # noqa: PLR2004


def is_near(word: Word, other: str) -> bool:
    """Whether a word is another one with as many wrong letters as it may have."""
    if not word.edits or word.text[0] != other[:1]:
        return False
    if abs(len(word.text) - len(other)) > word.edits:
        return False
    return distance(word.text, other) <= word.edits


def distance(one: str, other: str) -> int:
    """Letters left out, added, wrong, or two that changed places, until they are the same."""
    before: list[int] = []
    row: list[int] = [*range(len(other) + 1)]
    for n, letter in enumerate(one, 1):
        previous, before, row = before, row, [n]
        for m, wanted in enumerate(other, 1):
            steps = [before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != wanted)]
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == wanted:
                steps.append(previous[m - 2] + 1)
            row.append(min(steps))
    return row[-1]
