"""What somebody meant: words that no product has, and the nearest that one has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from search.standin.matching import Near, one_word
from search.words import Kind, Word, Words

Spot = tuple[int, int]  # of a word in what was typed: which group, which word of it


def typed(words: Words) -> list[Word]:
    return [word for group in words.groups for word in group.alternatives[0]]


def asked_of(words: Words, near: Near) -> list[str]:
    """Queries that tell `corrected` what products have."""
    last = max((spot for spot, _ in _spots(words)), default=None)
    queries = []
    for spot, word in _uncertain(words, near):
        queries.append(one_word(word, is_begun=spot == last))
        queries += [one_word(_word(other), is_begun=False) for other in near[word.text]]
    return queries


def corrected(words: Words, near: Near, is_known: Sequence[bool]) -> Words | None:
    """is_known: the answers to `asked_of`, in its order."""
    known = iter(is_known)
    better: dict[Spot, Word] = {}
    for spot, word in _uncertain(words, near):
        is_right = next(known)
        meant = [_word(other) for other in near[word.text] if next(known)]
        if meant and not is_right:
            better[spot] = meant[0]
    return _replaced(words, better) if better else None


def _word(text: str) -> Word:
    return Word(text, Kind.WORD)


def _spots(words: Words) -> Iterator[tuple[Spot, Word]]:
    for g, group in enumerate(words.groups):
        for w, word in enumerate(group.alternatives[0]):
            yield (g, w), word


def _uncertain(words: Words, near: Near) -> list[tuple[Spot, Word]]:
    return [(spot, word) for spot, word in _spots(words) if word.text in near]


def _replaced(words: Words, better: Mapping[Spot, Word]) -> Words:
    """Synonyms of a word that was none are left out."""
    groups = []
    for g, group in enumerate(words.groups):
        right = tuple(better.get((g, w), word) for w, word in enumerate(group.alternatives[0]))
        is_same = right == group.alternatives[0]
        groups.append(group if is_same else replace(group, alternatives=(right,)))
    return Words(" ".join(group.text for group in groups), tuple(groups))
