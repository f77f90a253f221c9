"""What can be asked of an engine: words, choices, an order, a part of the list."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from search.words import Words


class Need(StrEnum):
    """What of an answer somebody wants: nothing else is worked out."""

    HITS = "HITS"
    COUNT = "COUNT"
    FACETS = "FACETS"
    HIGHLIGHTS = "HIGHLIGHTS"


class SortKey(StrEnum):
    RELEVANCE = "RELEVANCE"
    PRICE = "PRICE"
    NEWEST = "NEWEST"
    RATING = "RATING"
    BEST_SELLING = "BEST_SELLING"


class PriceRange(NamedTuple):
    """Minor units of the shop's currency, `minimum <= price < below`; None: no limit."""

    minimum: int | None = None
    below: int | None = None


@dataclass(frozen=True)
class Choices:
    """What a product must be. Values of one field are alternatives; all fields must agree.

    Empty means: not asked for. `categories`: in one of these or below it.
    attributes: slug -> values. minimum_rating: hundredths of stars.
    """

    categories: frozenset[UUID] = frozenset()
    brands: frozenset[UUID] = frozenset()
    merchants: frozenset[UUID] = frozenset()
    product_types: frozenset[UUID] = frozenset()
    prices: tuple[PriceRange, ...] = ()
    in_stock: bool | None = None
    minimum_rating: int | None = None
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Place(NamedTuple):
    """Where a hit stands: what the list is sorted by, then the product's id."""

    value: float | int | datetime
    id: UUID


@dataclass(frozen=True)
class Part:
    """`size` hits after (backwards: before, the nearest last) a place; from an end without one."""

    size: int
    place: Place | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Ranking:
    """What staff decided for these words; counts for the sort by relevance only.

    pinned: come first, in this order, even without the words, if the choices let them.
    boosted: product -> factor of its score. buried: come after all the others.
    """

    pinned: tuple[UUID, ...] = ()
    boosted: Mapping[UUID, float] = field(default_factory=dict)
    buried: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Question:
    """descending: None is the sort's own direction: PRICE rises, all others fall."""

    words: Words
    choices: Choices = field(default_factory=Choices)
    sort: SortKey = SortKey.RELEVANCE
    descending: bool | None = None
    part: Part = Part(20)
    language: str = "en"
    ranking: Ranking = field(default_factory=Ranking)
    needs: frozenset[Need] = frozenset({Need.HITS})

    @property
    def is_descending(self) -> bool:
        natural = self.sort is not SortKey.PRICE
        return natural if self.descending is None else self.descending

    def needing(self, *needs: Need) -> "Question":
        return replace(self, needs=frozenset(needs))
