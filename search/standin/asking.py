"""A question as the parameters of a statement.

What narrows a search down lies in the same index as its words, so that one query of lexemes finds
what a question finds. Facets with choices of their own ask once more each: for the products that
only this choice leaves out.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from asyncpg import Range

from search.question import Choices, Need, PriceRange, Question, SortKey
from search.standin import lexemes
from search.standin.lexemes import quoted
from search.standin.matching import Near, all_of, any_of, as_typed, matched, ranked

ATTRIBUTE: Final = "attribute "  # begins the name of an attribute's facet; its slug follows

_IDS: Final = {
    "categories": lexemes.CATEGORY,
    "brands": lexemes.BRAND,
    "merchants": lexemes.MERCHANT,
    "product_types": lexemes.TYPE,
}
_ANY_PRICE: Final = [Range()]
LARGEST: Final = 2**63 - 1


def asked(question: Question, near: Near, *, by_popularity: bool = False) -> dict[str, Any]:
    """queries: what a product must be. facets: those that ask for themselves, by own_queries.

    by_popularity: the queries ask for the most popular first, then for the others in turn.
    """
    words, choices = question.words, question.choices
    pinned = question.ranking.pinned if question.sort is SortKey.RELEVANCE else ()
    wanted = any_of(
        [matched(words, near), *(quoted(f"{lexemes.PRODUCT}{each.hex}") for each in pinned)]
    )
    narrowed = dict(_narrowed(choices))
    query = all_of([wanted, *narrowed.values()])
    return {
        "queries": _by_popularity(query) if by_popularity else [query],
        **_values(choices),
        **(_own(wanted, narrowed, choices) if Need.FACETS in question.needs else {}),
        **(_order(question, near) if Need.HITS in question.needs else {}),
    }


def _by_popularity(query: str) -> list[str]:
    queries, above = [], lexemes.MOST_POPULAR + 1
    for lowest in lexemes.POPULAR:
        steps = any_of(quoted(lexemes.popularity_step(step)) for step in range(lowest, above))
        queries.append(all_of([steps, query]))
        above = lowest
    return queries


def _own(wanted: str, narrowed: Mapping[str, str], choices: Choices) -> dict[str, Any]:
    """All choices but the facet's own; of that the contrary, when it lies in the index."""
    facets = [*(name for name in narrowed if name != "product_types"), *_by_value(choices)]
    queries = []
    for facet in facets:
        parts = (f"!{query}" if name == facet else query for name, query in narrowed.items())
        queries.append(all_of([wanted, *parts]))
    return {"facets": facets, "own_queries": queries, "chosen": list(_chosen(choices))}


def _chosen(choices: Choices) -> Iterator[str]:
    """Values that are counted however few products have them, as PostgreSQL writes them."""
    for name in ("categories", "brands", "merchants"):
        yield from map(str, getattr(choices, name))
    for slug, values in choices.attributes.items():
        yield from filter(lexemes.is_text, (f"{slug}={value}" for value in values))


def _narrowed(choices: Choices) -> Iterator[tuple[str, str]]:
    """Facet -> what it asks for, of those that lie in the index."""
    for name, mark in _IDS.items():
        ids: frozenset[UUID] = getattr(choices, name)
        if ids:
            yield name, any_of(quoted(f"{mark}{each.hex}") for each in ids)
    for slug, values in choices.attributes.items():
        if values:
            pairs = filter(lexemes.is_text, (f"{slug}={value}" for value in values))
            possible = [quoted(lexemes.attribute(pair)) for pair in pairs]
            yield f"{ATTRIBUTE}{slug}", any_of(possible or [quoted(lexemes.NOTHING)])


def _by_value(choices: Choices) -> Iterator[str]:
    """Facets with a choice that only the row tells."""
    if choices.prices:
        yield "prices"
    if choices.in_stock is not None:
        yield "availability"
    if choices.minimum_rating is not None:
        yield "ratings"


def _values(choices: Choices) -> dict[str, Any]:
    return {
        "prices": _ranges(choices.prices) if choices.prices else _ANY_PRICE,
        "in_stock": choices.in_stock,
        "minimum_rating": _long(choices.minimum_rating or 0),
    }


def _ranges(prices: Iterable[PriceRange]) -> list[Any]:
    """Without the empty ones: no price is in none."""
    return [
        Range(*(None if limit is None else _long(limit) for limit in each))
        for each in prices
        if each.minimum is None or each.below is None or each.minimum < each.below
    ]


def _long(number: int) -> int:
    """More than 64 bits hold is no more than the largest."""
    return max(-LARGEST, min(number, LARGEST))


def _order(question: Question, near: Near) -> dict[str, Any]:
    """What only a list needs; the part of it has one more, to tell whether there are more."""
    words, ranking, part = question.words, question.ranking, question.part
    order: dict[str, Any] = {"size": part.size + 1}
    if part.place is not None:
        order |= {"after_value": part.place.value, "after_id": part.place.id}
    if question.sort is not SortKey.RELEVANCE:
        return order
    order |= {
        "pinned": list(ranking.pinned),
        "boosted": list(ranking.boosted),
        "factors": list(ranking.boosted.values()),
        "buried": list(ranking.buried),
    }
    if not words.is_empty:
        ranked_by, scale = ranked(words, near, question.language)
        codes = list(filter(lexemes.is_code, words.codes))
        order |= {"ranked_by": ranked_by, "scale": scale, "codes": codes}
    if near:
        order["as_typed"] = as_typed(words)
    return order
