"""Ranges of prices that fit a result, put together from the counts of fine steps. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from core.money import exponent
from search.answer import PRICE_STEPS
from search.question import PriceRange

MAX_RANGES: Final = 6
NO_PRICE: Final = PriceRange(0, 0)  # nothing costs this
_STEPS: Final = [
    PriceRange(minimum, below)
    for minimum, below in zip(PRICE_STEPS, (*PRICE_STEPS[1:], None), strict=True)
]


class Counted(NamedTuple):
    range: PriceRange
    size: int


def fitting(counts: Mapping[int, int]) -> list[Counted]:
    """At most MAX_RANGES, rising, without gaps that hold anything; each has a fair share.

    counts: per step. A range is full when it has as much as all would have if all had the same.
    """
    share = sum(counts.values()) / MAX_RANGES
    ranges: list[Counted] = []
    begun: Counted | None = None
    for step in sorted(step for step, count in counts.items() if count):
        here = _STEPS[step]
        start, before = (begun.range.minimum, begun.size) if begun else (here.minimum, 0)
        begun = Counted(PriceRange(start, here.below), before + counts[step])
        if begun.size >= share:
            ranges.append(begun)
            begun = None
    if begun is None:
        return ranges
    if not ranges:
        return [begun]
    last = ranges.pop()
    whole = PriceRange(last.range.minimum, begun.range.below)
    return [*ranges, Counted(whole, last.size + begun.size)]


def within(counts: Mapping[int, int], wanted: PriceRange) -> int | None:
    """How many cost that much; None where the range cuts a step in two that has any."""
    found = 0
    for step, count in counts.items():
        here = _STEPS[step]
        if _is_inside(here, wanted):
            found += count
        elif count and _touches(here, wanted):
            return None
    return found


def _is_inside(step: PriceRange, wanted: PriceRange) -> bool:
    begins = wanted.minimum is None or (step.minimum or 0) >= wanted.minimum
    ends = wanted.below is None or (step.below is not None and step.below <= wanted.below)
    return begins and ends


def _touches(step: PriceRange, wanted: PriceRange) -> bool:
    starts_later = wanted.below is not None and (step.minimum or 0) >= wanted.below
    ends_before = (
        wanted.minimum is not None and step.below is not None and step.below <= wanted.minimum
    )
    return not starts_later and not ends_before


def same(one: PriceRange, other: PriceRange) -> bool:
    """Nothing costs less than nothing: from 0 on is from the start."""
    return (one.minimum or 0, one.below) == (other.minimum or 0, other.below)


def rising(ranges: Sequence[Counted]) -> list[Counted]:
    return sorted(
        ranges, key=lambda each: (each.range.minimum or 0, each.range.below or PRICE_STEPS[-1] * 2)
    )


def whole(minor: int, currency: str) -> str:
    """An amount as people write it in a range: `50`, `2,500`, `12.50`."""
    digits = exponent(currency)
    units, rest = divmod(minor, 10**digits)
    return f"{units:,}" if not rest else f"{units:,}.{rest:0{digits}d}"
