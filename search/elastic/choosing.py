"""Choices as filters, and the facets: how many products each further choice would leave.

Values of a facet that is chosen already are counted with all other choices; facets that are not
chosen share one filter with all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from search.answer import PRICE_STEPS, RATING_STEPS
from search.elastic.shape import id_of
from search.question import Choices, PriceRange

Json = dict[str, Any]

FACET_VALUES: Final = 250  # of categories, brands, merchants: those with the most products
ATTRIBUTE_VALUES: Final = 1_000  # of all attributes together; and of one that is chosen
FREE: Final = "free"  # facets without a choice
LARGEST: Final = 2**63 - 1

_SPECIAL: Final = frozenset('.?+*|{}[]()"\\#@&<>~^$-/')  # in an expression of Lucene

Filters = dict[str, Json]  # facet -> its choice; those of attributes are named by `slugs`


def slugs(choices: Choices) -> dict[str, str]:
    """A name for the facet of each attribute that is chosen -> its slug, which may be anything."""
    chosen = sorted(slug for slug, values in choices.attributes.items() if values)
    return {f"attribute-{n}": slug for n, slug in enumerate(chosen)}


def required(choices: Choices) -> list[Json]:
    """What is no facet."""
    types = choices.product_types
    return [_one_of("product_type_id", map(id_of, types))] if types else []


def filters(choices: Choices) -> Filters:
    chosen = {
        "categories": choices.categories and _ids("category_ids", choices.categories),
        "brands": choices.brands and _ids("brand_id", choices.brands),
        "merchants": choices.merchants and _ids("merchant_id", choices.merchants),
        "prices": choices.prices and _any(map(_price, choices.prices)),
        "availability": choices.in_stock is not None and {"term": {"in_stock": choices.in_stock}},
        "ratings": choices.minimum_rating is not None
        and {"range": {"rating": {"gte": _long(choices.minimum_rating)}}},
        **{
            name: _one_of("attributes", _tokens(slug, choices))
            for name, slug in slugs(choices).items()
        },
    }
    return {facet: choice for facet, choice in chosen.items() if choice}


def _tokens(slug: str, choices: Choices) -> list[str]:
    return [f"{slug}={value}" for value in choices.attributes[slug]]


def _ids(field: str, ids: Iterable[UUID]) -> Json:
    return _one_of(field, map(id_of, ids))


def _one_of(field: str, values: Iterable[str]) -> Json:
    return {"terms": {field: sorted(values)}}


def _any(alternatives: Iterable[Json]) -> Json:
    return {"bool": {"should": list(alternatives), "minimum_should_match": 1}}


def _price(price: PriceRange) -> Json:
    limits = {"gte": price.minimum, "lt": price.below}
    return {
        "range": {
            "price_minor": {
                name: _long(limit) for name, limit in limits.items() if limit is not None
            }
        }
    }


def _long(number: int) -> int:
    """More than a `long` holds is no more than the largest."""
    return max(-LARGEST, min(number, LARGEST))


def together(conditions: Iterable[Json]) -> Json:
    return {"bool": {"filter": list(conditions)}}


def _values(field: str, size: int) -> Json:
    return {"terms": {"field": field, "size": size}}


_FACETS: Final[Mapping[str, Json]] = {
    "categories": _values("category_ids", FACET_VALUES),
    "brands": _values("brand_id", FACET_VALUES),
    "merchants": _values("merchant_id", FACET_VALUES),
    "prices": {
        "range": {
            "field": "price_minor",
            "ranges": [
                {"key": str(n), "from": step, **({"to": following} if following else {})}
                for n, (step, following) in enumerate(
                    zip(PRICE_STEPS, (*PRICE_STEPS[1:], None), strict=True)
                )
            ],
        }
    },
    "availability": {"terms": {"field": "in_stock"}},
    "ratings": {
        "range": {
            "field": "rating",
            "ranges": [{"key": str(step), "from": step} for step in RATING_STEPS],
        }
    },
    "attributes": _values("attributes", ATTRIBUTE_VALUES),
}
_FIELDS: Final = {"categories": "category_ids", "brands": "brand_id", "merchants": "merchant_id"}


def facets(choices: Choices, chosen: Filters) -> Json:
    """The `aggs`."""
    if not chosen:
        return dict(_FACETS)
    free = {name: facet for name, facet in _FACETS.items() if name not in chosen}
    counted = {FREE: {"filter": together(chosen.values()), "aggs": free}}
    for facet in chosen:
        others = [choice for other, choice in chosen.items() if other != facet]
        counted[facet] = {"filter": together(others), "aggs": _own(facet, choices)}
    return counted


def _own(facet: str, choices: Choices) -> Json:
    """The values of a facet, and those chosen by name: others may have more products."""
    if facet in _FIELDS:
        chosen = sorted(map(id_of, getattr(choices, facet)))
        named = {"terms": {"field": _FIELDS[facet], "include": chosen, "size": len(chosen)}}
        return {facet: _FACETS[facet], "chosen": named}
    if facet in _FACETS:
        return {facet: _FACETS[facet]}
    slug = slugs(choices)[facet]
    chosen = sorted(_tokens(slug, choices))
    named = {"terms": {"field": "attributes", "include": chosen, "size": len(chosen)}}
    all_of_it = _values("attributes", ATTRIBUTE_VALUES)
    all_of_it["terms"]["include"] = f"{_literal(slug)}=.*"
    return {"attributes": all_of_it, "chosen": named}


def _literal(text: str) -> str:
    """The text in an expression, where it means nothing but itself."""
    return "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in text)
