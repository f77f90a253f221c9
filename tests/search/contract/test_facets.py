"""What each choice would leave."""

from typing import Any

import pytest

from search.question import Choices, Need, PriceRange
from tests.search.contract.conftest import Fill
from tests.search.contract.counts import plain, without_empty
from tests.search.contract.shelf import Shelf
from tests.search.contract.things import id_of, thing

HOME, LIGHT, SEAT = (1, "Home"), (2, "Light"), (3, "Seat")


@pytest.fixture
async def shelf(fill: Fill) -> Shelf:
    def made(name: str, brand: int, merchant: int, category: tuple[int, str], **facts: Any) -> Any:
        return thing(
            name,
            brand_id=id_of("brand", brand),
            merchant_id=id_of("merchant", merchant),
            product_type_id=id_of("type", category[0]),
            categories=[HOME, category],
            **facts,
        )

    red, blue = {"colour": ["red"]}, {"colour": ["blue"], "size": ["s", "m"]}
    both = {"colour": ["red", "blue"]}
    return await fill(
        [
            made("Red lamp", 1, 1, LIGHT, price_minor=99, rating=450, attributes=red),
            made("Blue lamp", 1, 2, LIGHT, price_minor=100, rating=399, attributes=blue),
            made("Dark lamp", 2, 2, LIGHT, price_minor=5_000, in_stock=False),
            made("Red chair", 2, 1, SEAT, price_minor=19_999, rating=100, attributes=red),
            made("Odd chair", 3, 1, SEAT, price_minor=20_000, rating=500, attributes=both),
        ]
    )


ALL = {
    "categories": {1: 5, 2: 3, 3: 2},
    "brands": {1: 2, 2: 2, 3: 1},
    "merchants": {1: 3, 2: 2},
    "prices": {0: 1, 100: 1, 5_000: 1, 10_000: 1, 20_000: 1},
    "availability": {True: 4, False: 1},
    "ratings": {400: 2, 300: 3, 200: 3, 100: 4},
    "attributes": {"colour": {"red": 3, "blue": 2}, "size": {"s": 1, "m": 1}},
}


async def test_facets_count_everything_without_words_and_choices(shelf: Shelf) -> None:
    assert without_empty(await shelf.facets()) == ALL


async def test_facets_count_what_the_words_find(shelf: Shelf) -> None:
    found = without_empty(await shelf.facets("chair"))

    assert found == {
        "categories": {1: 2, 3: 2},
        "brands": {2: 1, 3: 1},
        "merchants": {1: 2},
        "prices": {10_000: 1, 20_000: 1},
        "availability": {True: 2},
        "ratings": {400: 1, 300: 1, 200: 1, 100: 2},
        "attributes": {"colour": {"red": 2, "blue": 1}},
    }


def brands(*numbers: int) -> frozenset[Any]:
    return frozenset(id_of("brand", number) for number in numbers)


RED = {"colour": frozenset({"red"})}

# Choices, and what each facet then counts: the facet chosen from counts as if it were not.
CHOSEN = [
    (
        Choices(brands=brands(1)),
        {
            **ALL,
            "categories": {1: 2, 2: 2},
            "merchants": {1: 1, 2: 1},
            "prices": {0: 1, 100: 1},
            "availability": {True: 2},
            "ratings": {400: 1, 300: 2, 200: 2, 100: 2},
            "attributes": {"colour": {"red": 1, "blue": 1}, "size": {"s": 1, "m": 1}},
        },
    ),
    (
        Choices(attributes=RED),
        {
            **ALL,
            "categories": {1: 3, 2: 1, 3: 2},
            "brands": {1: 1, 2: 1, 3: 1},
            "merchants": {1: 3},
            "prices": {0: 1, 10_000: 1, 20_000: 1},
            "availability": {True: 3},
            "ratings": {400: 2, 300: 2, 200: 2, 100: 3},
            "attributes": {"colour": {"red": 3, "blue": 2}},
        },
    ),
    (
        Choices(categories=frozenset({id_of("category", 3)}), in_stock=True),
        {
            "categories": {1: 4, 2: 2, 3: 2},
            "brands": {2: 1, 3: 1},
            "merchants": {1: 2},
            "prices": {10_000: 1, 20_000: 1},
            "availability": {True: 2},
            "ratings": {400: 1, 300: 1, 200: 1, 100: 2},
            "attributes": {"colour": {"red": 2, "blue": 1}},
        },
    ),
    (
        Choices(prices=(PriceRange(below=100), PriceRange(20_000)), minimum_rating=400),
        {
            "categories": {1: 2, 2: 1, 3: 1},
            "brands": {1: 1, 3: 1},
            "merchants": {1: 2},
            "prices": {0: 1, 20_000: 1},
            "availability": {True: 2},
            "ratings": {400: 2, 300: 2, 200: 2, 100: 2},
            "attributes": {"colour": {"red": 2, "blue": 1}},
        },
    ),
]


@pytest.mark.parametrize(("choices", "counts"), CHOSEN)
async def test_a_facet_is_not_narrowed_by_its_own_choices(
    shelf: Shelf, choices: Choices, counts: dict[str, Any]
) -> None:
    assert without_empty(await shelf.facets(choices=choices)) == counts


HITS = [
    (Choices(brands=brands(1, 3)), {"Red lamp", "Blue lamp", "Odd chair"}),
    (Choices(categories=frozenset({id_of("category", 2)})), {"Red lamp", "Blue lamp", "Dark lamp"}),
    (Choices(merchants=frozenset({id_of("merchant", 2)})), {"Blue lamp", "Dark lamp"}),
    (Choices(product_types=frozenset({id_of("type", 3)})), {"Red chair", "Odd chair"}),
    (Choices(in_stock=False), {"Dark lamp"}),
    (Choices(minimum_rating=400), {"Red lamp", "Odd chair"}),
    (Choices(attributes=RED), {"Red lamp", "Red chair", "Odd chair"}),
    (Choices(attributes={"colour": frozenset({"blue"}), "size": frozenset("sm")}), {"Blue lamp"}),
    (Choices(attributes={"nothing": frozenset({"x"})}), set()),
    (Choices(prices=(PriceRange(100, 5_000),)), {"Blue lamp"}),
    (Choices(prices=(PriceRange(below=100), PriceRange(20_000))), {"Red lamp", "Odd chair"}),
    (Choices(prices=(PriceRange(500, 100),)), set()),
    (Choices(brands=brands(1), minimum_rating=400), {"Red lamp"}),
    (Choices(brands=brands(3), in_stock=False), set()),
]


@pytest.mark.parametrize(("choices", "names"), HITS)
async def test_choices_narrow_hits_and_total(
    shelf: Shelf, choices: Choices, names: set[str]
) -> None:
    assert {*await shelf.found("", choices=choices)} == names
    assert await shelf.total(choices=choices) == len(names)


async def test_everything_may_be_asked_at_once(shelf: Shelf) -> None:
    answer = await shelf.ask("lamp", *Need, choices=Choices(brands=brands(1)))

    assert {shelf.name(hit.id) for hit in answer.hits} == {"Red lamp", "Blue lamp"}
    assert answer.total == 2
    assert answer.facets is not None
    assert plain(answer.facets.brands, "brand") == {1: 2, 2: 1}
    assert {*answer.highlights} == {hit.id for hit in answer.hits}


async def test_what_nobody_needs_is_not_answered(shelf: Shelf) -> None:
    answer = await shelf.ask("lamp", Need.COUNT)

    assert (answer.total, [*answer.hits], answer.facets) == (3, [], None)
    assert not answer.highlights
