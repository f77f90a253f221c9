"""Facets as plain numbers, in which two engines can be compared."""

from collections.abc import Mapping
from typing import Any

from search.answer import PRICE_STEPS, FacetCounts
from tests.search.contract.things import id_of


def plain(counts: Mapping[Any, int], kind: str) -> dict[int, int]:
    numbers = {id_of(kind, number): number for number in range(1, 10)}
    return {numbers[key]: count for key, count in counts.items()}


def without_empty(facets: FacetCounts) -> dict[str, Any]:
    """Whether values that nothing has are left out or zero makes no difference to anybody."""
    attributes = {
        slug: {value: count for value, count in values.items() if count}
        for slug, values in facets.attributes.items()
    }
    return {
        "categories": plain(facets.categories, "category"),
        "brands": plain(facets.brands, "brand"),
        "merchants": plain(facets.merchants, "merchant"),
        "prices": {PRICE_STEPS[step]: n for step, n in facets.prices.items() if n},
        "availability": {value: n for value, n in facets.availability.items() if n},
        "ratings": {stars: n for stars, n in facets.ratings.items() if n},
        "attributes": {slug: values for slug, values in attributes.items() if values},
    }
