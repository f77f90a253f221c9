"""What facets and suggestions work out by themselves."""

import random
from itertools import pairwise

import pytest

from resolvers.search.names import distance, score
from resolvers.search.prices import MAX_RANGES, Counted, fitting, within
from search.answer import PRICE_STEPS
from search.question import PriceRange
from search.words import parse


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("lamps", "Lamps"),
        ("lamp", "Lamps"),
        ("desk la", "Desk lamps"),
        ("lumnia", "Lumina"),
        ("灯", "灯具"),
        ("ÖKO", "Öko & Söhne"),
    ],
)
def test_a_name_is_known_by_its_words_their_begin_and_with_small_errors(
    typed: str, name: str
) -> None:
    words = parse(typed)

    assert score(words, [name]).matched == len(words.groups)


@pytest.mark.parametrize(
    ("typed", "name"),
    [("lamp", "Kitchen"), ("l", "Lamps and more"), ("mug", "Rug"), ("亮", "灯具")],
)
def test_what_is_called_otherwise_is_not_known(typed: str, name: str) -> None:
    assert score(parse(typed), [name]).matched == 0


def test_a_whole_name_is_nearer_than_one_with_more_to_it() -> None:
    words = parse("desk lamps")

    exact, longer = score(words, ["Desk lamps"]), score(words, ["Desk lamps and accessories"])
    beginning = score(words, ["Desk lampshades"])

    assert exact > longer > beginning


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("lamp", "lamp", 0), ("lamp", "lmap", 1), ("lamp", "lam", 1), ("lamp", "damps", 2)],
)
def test_the_distance_of_words_counts_letters(one: str, other: str, steps: int) -> None:
    assert distance(one, other) == distance(other, one) == steps


def test_ranges_fit_whatever_prices_there_are() -> None:
    chance = random.Random(1)
    for _ in range(500):
        steps = chance.sample(range(len(PRICE_STEPS)), chance.randint(1, 20))
        counts = {step: chance.choice([1, 2, 50, 1_000]) for step in steps}

        ranges = fitting(counts)

        assert 1 <= len(ranges) <= MAX_RANGES
        assert sum(each.size for each in ranges) == sum(counts.values())
        for each in ranges:
            assert each.size == within(counts, each.range)
        for before, after in pairwise(ranges):
            assert before.range.below is not None
            assert before.range.below <= (after.range.minimum or 0)


def test_no_prices_make_no_ranges_and_one_price_makes_one() -> None:
    assert fitting({}) == []
    assert fitting({3: 7}) == [Counted(PriceRange(500, 1_000), 7)]


def test_a_range_that_cuts_a_step_in_two_can_not_be_counted() -> None:
    counts = {PRICE_STEPS.index(1_000): 4, PRICE_STEPS.index(5_000): 2}

    assert within(counts, PriceRange(1_000, 2_000)) == 4
    assert within(counts, PriceRange(1_500, 2_000)) is None
    assert within(counts, PriceRange(2_000, 5_000)) == 0
    assert within(counts, PriceRange(None, None)) == 6
