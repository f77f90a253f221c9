"""What somebody meant: words that no product has, and the nearest that one has.

It looks farther than a search does, which forgives small errors by itself: this is asked when a
search found nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from search.elastic.matching import known
from search.words import CORRECTED_FROM, Group, Kind, Word, Words

Json = dict[str, Any]
Answered = Mapping[str, Any]
Spot = tuple[int, int]  # of a word in what was typed: which group, which word of it

CANDIDATES: Final = 5
EDITS: Final = 2  # the most that Elasticsearch looks for


def spots(words: Words) -> dict[str, tuple[Spot, Word]]:
    """Words that may have typing errors, by a name for each."""
    return {
        f"{g}-{w}": ((g, w), word)
        for g, group in enumerate(words.groups)
        for w, word in enumerate(group.alternatives[0])
        if word.is_correctable
    }


def nearest(words: Words) -> Json:
    """Asks which words products have, and for words that are like each."""
    last = (len(words.groups) - 1, len(words.groups[-1].alternatives[0]) - 1)
    found = spots(words)
    return {
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            name: {"filter": known(word, is_begun=spot == last)}
            for name, (spot, word) in found.items()
        },
        "suggest": {name: _like(word) for name, (_, word) in found.items()},
    }


def _like(word: Word) -> Json:
    term = {
        "field": "spelled",
        "size": CANDIDATES,
        "suggest_mode": "missing",
        "max_edits": EDITS,
        "prefix_length": 0,
        "min_word_length": CORRECTED_FROM,
    }
    return {"text": word.text, "term": term}


def candidates(answered: Answered) -> dict[str, list[str]]:
    """Of each word that no product has, what is near it, the nearest first."""
    return {
        name: [option["text"] for entry in entries for option in entry["options"]]
        for name, entries in answered["suggest"].items()
        if not answered["aggregations"][name]["doc_count"]
    }


def visible(found: Mapping[str, Sequence[str]]) -> Json:
    """Asks which candidates products have: the index remembers words of some that are gone."""
    return {
        "size": 0,
        "track_total_hits": False,
        "aggs": {
            f"{name}-{n}": {"filter": known(Word(text, Kind.WORD), is_begun=False)}
            for name, texts in found.items()
            for n, text in enumerate(texts)
        },
    }


def chosen(found: Mapping[str, Sequence[str]], answered: Answered) -> dict[str, str]:
    """The first candidate of each that some product has."""
    counts = answered["aggregations"]
    kept = {
        name: [text for n, text in enumerate(texts) if counts[f"{name}-{n}"]["doc_count"]]
        for name, texts in found.items()
    }
    return {name: texts[0] for name, texts in kept.items() if texts}


def replaced(words: Words, better: Mapping[str, str]) -> Words:
    """Synonyms of a word that was none are left out."""
    groups = []
    for g, group in enumerate(words.groups):
        typed = tuple(
            Word(better[name], Kind.WORD) if (name := f"{g}-{w}") in better else word
            for w, word in enumerate(group.alternatives[0])
        )
        is_same = typed == group.alternatives[0]
        groups.append(group if is_same else replace(group, alternatives=(typed,)))
    return Words(_text(groups), tuple(groups))


def _text(groups: Sequence[Group]) -> str:
    return " ".join(group.text for group in groups)
