"""Words as a query: what must match, and how much it counts.

Everything that somebody typed is the text of a `match`, which has no language of its own; nothing
is ever put together as an expression. The number of terms is bounded, as Elasticsearch refuses a
query of more than 1,024 of them.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from search.documents import ANALYSED, analysed_as
from search.elastic.shape import ZONES, whole
from search.words import Group, Kind, Phrase, Word, Words

Json = dict[str, Any]

WEIGHTS: Final = {"names": 8.0, "facts": 4.0, "summaries": 2.0, "descriptions": 1.0}
CODES: Final = 4.0
OWN_LANGUAGE: Final = 1.5
NEAR: Final = 0.2  # of the other fields that match as well
SYNONYM: Final = 0.8
BEGUN: Final = {"names_begun": 3.0, "facts_begun": 1.5, "codes.begun": 1.5}
MISSPELLED: Final = {"names_spelled": 0.1, "spelled": 0.05, "stems": 0.04}
PHRASE: Final = 6.0
WHOLE_NAME: Final = 20.0
CODE: Final = 10_000.0  # above all words, below pins

FIRST_LETTER: Final = {"prefix_length": 1, "max_expansions": 8, "fuzzy_transpositions": True}
BEGUN_FROM: Final = 2  # letters, of a word that stands alone

# Terms that are looked for in each field, then in all texts together; synonyms beyond are left out.
ROOM: Final = 40
LEAN_ROOM: Final = 100
LONGEST_PHRASE: Final = 12


class Planned(NamedTuple):
    phrase: Phrase
    is_lean: bool


def terms_of(word: Word) -> list[str]:
    """What is looked for of a word: of Chinese its pairs, wherever they are."""
    if word.kind is not Kind.HAN or len(word.text) == 1:
        return [word.text]
    return [word.text[n : n + 2] for n in range(len(word.text) - 1)]


def _planned(groups: Sequence[Group]) -> list[list[Planned]]:
    """What was typed comes first; then a synonym of each group in turn."""
    room, lean_room = ROOM, LEAN_ROOM
    planned: list[list[Planned]] = [[] for _ in groups]
    for n in range(max((len(group.alternatives) for group in groups), default=0)):
        for group, phrases in zip(groups, planned, strict=True):
            if n >= len(group.alternatives):
                continue
            phrase = group.alternatives[n]
            terms = sum(len(terms_of(word)) for word in phrase)
            if terms <= room:
                room -= terms
                phrases.append(Planned(phrase, is_lean=False))
            elif terms <= lean_room or n == 0:
                lean_room -= terms
                phrases.append(Planned(phrase, is_lean=True))
    return planned


def matching(words: Words, language: str) -> Json:
    """Of words that are not empty: all groups, or a code."""
    is_begun = may_be_begun(words)
    groups = [
        _group(phrases, language, is_begun=is_begun and group.is_prefix)
        for group, phrases in zip(words.groups, _planned(words.groups), strict=True)
    ]
    typed: Json = {"bool": {"must": groups, "should": _in_order(words, language)}}
    if not words.codes:
        return typed
    code = {"terms": {"codes": sorted(words.codes)}}
    return best([typed, {"constant_score": {"filter": code, "boost": CODE}}])


def may_be_begun(words: Words) -> bool:
    """Whether its last word may be the beginning of one: of a single letter, after others only."""
    typed = [word for group in words.groups for word in group.alternatives[0]]
    return len(typed) > 1 or len(typed[-1].text) >= BEGUN_FROM


def best(queries: Sequence[Json]) -> Json:
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": list(queries)}}


def _group(planned: Sequence[Planned], language: str, *, is_begun: bool) -> Json:
    typed, *synonyms = planned
    return best(
        [
            _typed(typed, language, is_begun=is_begun),
            *(_synonym(synonym, language) for synonym in synonyms),
        ]
    )


def _typed(planned: Planned, language: str, *, is_begun: bool) -> Json:
    last = len(planned.phrase) - 1
    return _all(
        best(
            [
                _found(word, language, is_lean=planned.is_lean),
                *(_begun(word) if is_begun and n == last else ()),
                *_misspelled(word),
            ]
        )
        for n, word in enumerate(planned.phrase)
    )


def _synonym(planned: Planned, language: str) -> Json:
    found = _all(_found(word, language, is_lean=planned.is_lean) for word in planned.phrase)
    return {"bool": {"must": [found], "boost": SYNONYM / len(planned.phrase)}}


def _all(queries: Iterable[Json]) -> Json:
    must = list(queries)
    return must[0] if len(must) == 1 else {"bool": {"must": must}}


def _found(word: Word, language: str, *, is_lean: bool) -> Json:
    terms = terms_of(word)
    if len(terms) == 1:
        return _anywhere(word.text) if is_lean else _in_fields(word.text, language)
    if is_lean:
        return {"constant_score": {"filter": {"bool": {"filter": _covering(terms)}}}}
    pairs = [_in_fields(pair, language) for pair in terms]
    return {"bool": {"filter": _covering(terms), "should": pairs, "boost": 1 / len(pairs)}}


def _covering(pairs: Sequence[str]) -> list[Json]:
    """Each character of a Chinese word must be in a pair that is found.

    Words are written without spaces: of two that somebody typed as one, the pair in the middle is
    in no product.
    """
    either = pairwise(pairs[1:-1])
    ends = [_anywhere(pairs[0]), _anywhere(pairs[-1])]
    return [*ends, *(best([_anywhere(one), _anywhere(other)]) for one, other in either)]


def _anywhere(term: str) -> Json:
    return {"match": {"text": {"query": term, "operator": "and"}}}


def _in_fields(term: str, language: str) -> Json:
    return {
        "multi_match": {
            "query": term,
            "fields": _fields(analysed_as(language)),
            "operator": "and",
            "tie_breaker": NEAR,
        }
    }


@cache
def _fields(own: str) -> list[str]:
    """With what they count; `own` is how the caller's language is analysed."""
    return [
        *(
            f"{zone}_{analysed}^{WEIGHTS[zone] * (OWN_LANGUAGE if analysed == own else 1)}"
            for zone in ZONES
            for analysed in ANALYSED
        ),
        f"codes^{CODES}",
    ]


def _begun(word: Word) -> list[Json]:
    if word.kind is Kind.HAN:
        return []
    return [
        {"match": {field: {"query": word.text, "operator": "and", "boost": weight}}}
        for field, weight in BEGUN.items()
    ]


def _misspelled(word: Word) -> list[Json]:
    if not word.edits:
        return []
    return [
        {
            "match": {
                field: {
                    "query": word.text,
                    "operator": "and",
                    "fuzziness": word.edits,
                    "boost": weight,
                    **FIRST_LETTER,
                }
            }
        }
        for field, weight in MISSPELLED.items()
    ]


def _in_order(words: Words, language: str) -> list[Json]:
    """What counts more without being needed: the words as a phrase in a name, the whole name."""
    text = whole(words.text)
    named: Json = {"term": {"whole_names": {"value": text}}}
    more = [{"constant_score": {"filter": named, "boost": WHOLE_NAME}}]
    terms = sum(len(terms_of(word)) for group in words.groups for word in group.alternatives[0])
    if 1 < terms <= LONGEST_PHRASE:
        own = analysed_as(language)
        phrases: list[Json] = [
            {
                "match_phrase": {
                    f"names_{analysed}": {
                        "query": text,
                        "boost": PHRASE * (OWN_LANGUAGE if analysed == own else 1),
                    }
                }
            }
            for analysed in ANALYSED
        ]
        more.append(best(phrases))
    return more


def known(word: Word, *, is_begun: bool) -> Json:
    """Products that have the word anywhere, or one that begins so."""
    exact: list[Json] = [_anywhere(word.text), {"term": {"codes": {"value": word.text}}}]
    return best([*exact, *(_begun(word) if is_begun else ())])


def scored(words: Words, language: str) -> Json:
    """By relevance; without words, by what sells and is there."""
    if words.is_empty:
        return _times({"match_all": {}}, "popularity", "sum")
    return _times(matching(words, language), "standing", "multiply")


def _times(query: Json, field: str, how: str) -> Json:
    """`field` is never missing, but Elasticsearch wants to know."""
    value = {"field": field, "missing": 1}
    return {"function_score": {"query": query, "field_value_factor": value, "boost_mode": how}}
