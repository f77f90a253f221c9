"""The figure that relevance is measured by."""

from collections.abc import Iterable, Mapping, Sequence
from math import log2
from typing import Final, TypeVar

AT: Final = 10
T = TypeVar("T")


def ndcg(found: Sequence[T], grades: Mapping[T, int], *, at: int = AT) -> float:
    """Normalised discounted cumulative gain of the first `at` found, from 0 to 1.

    grades: what is worth finding, from 1 on; all else is worth 0. A grade g gains 2^g - 1, divided
    by log2(place + 1); the sum is divided by that of the best order there is.
    """
    best = _gain(sorted(grades.values(), reverse=True)[:at])
    assert best > 0, "something is worth finding"
    return _gain(grades.get(each, 0) for each in found[:at]) / best


def _gain(grades: Iterable[int]) -> float:
    return sum(((1 << grade) - 1) / log2(place + 1) for place, grade in enumerate(grades, start=1))
