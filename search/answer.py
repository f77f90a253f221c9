"""What an engine answers: ids and numbers, no names and no objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from search.question import Place

COUNT_LIMIT: Final = 10_000

# Where prices are counted, in minor units: 1, 2 and 5 times the powers of ten. Step n is
# `PRICE_STEPS[n] <= price < PRICE_STEPS[n + 1]`; what is shown is put together from these.
PRICE_STEPS: Final[tuple[int, ...]] = (
    0,
    *(digit * 10**power for power in range(2, 11) for digit in (1, 2, 5)),
)
RATING_STEPS: Final = (400, 300, 200, 100)  # hundredths of stars, "at least"


class Hit(NamedTuple):
    """place: what a cursor to this hit says."""

    id: UUID
    place: Place


@dataclass(frozen=True)
class FacetCounts:
    """How many products each value would leave, with all choices but those of its own facet.

    prices: per step of PRICE_STEPS. ratings: per RATING_STEPS. attributes: slug -> value -> count,
    of attributes that may be filtered by. Values that nothing has are left out.
    """

    categories: Mapping[UUID, int] = field(default_factory=dict)
    brands: Mapping[UUID, int] = field(default_factory=dict)
    merchants: Mapping[UUID, int] = field(default_factory=dict)
    prices: Mapping[int, int] = field(default_factory=dict)
    availability: Mapping[bool, int] = field(default_factory=dict)
    ratings: Mapping[int, int] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


Highlights = Mapping[str, Sequence[str]]  # field -> fragments: HTML, `<em>` is the only tag


@dataclass(frozen=True)
class Answer:
    """What was needed of a question; the rest is empty.

    hits: in the order of the list, also when asked backwards.
    has_more: there are hits beyond the part, in the direction asked.
    total: up to COUNT_LIMIT; more than that is `COUNT_LIMIT + 1`.
    took_ms: what the engine itself needed.
    is_exact: all that match were looked at; else hits, total and facets are those of very many.
    """

    engine: str
    took_ms: int
    hits: Sequence[Hit] = ()
    has_more: bool = False
    total: int | None = None
    facets: FacetCounts | None = None
    highlights: Mapping[UUID, Highlights] = field(default_factory=dict)
    is_exact: bool = True
