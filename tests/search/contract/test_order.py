"""Which of the products that match comes first."""

import pytest

from search.question import SortKey
from search.words import Vocabulary
from tests.search.contract.conftest import Fill
from tests.search.contract.things import days_later, thing


async def test_a_name_says_more_than_facts_than_a_summary_than_a_description(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("In the description", description="Of willow, and more of that kind."),
            thing("In the summary", summary="Of willow, and more of that kind."),
            thing("In the brand", brand="Willow"),
            thing("Willow in the name"),
        ]
    )

    assert await shelf.found("willow") == [
        "Willow in the name",
        "In the brand",
        "In the summary",
        "In the description",
    ]


@pytest.mark.parametrize(
    "facts", [{"categories": [(1, "Willow")]}, {"attributes": {"material": ["Willow"]}}]
)
async def test_categories_and_attributes_stand_between_name_and_summary(
    fill: Fill, facts: dict[str, object]
) -> None:
    shelf = await fill(
        [
            thing("In the summary", summary="Of willow, and more of that kind."),
            thing("In the facts", **facts),  # type: ignore[arg-type]  # of different kinds
            thing("Willow in the name"),
        ]
    )

    assert await shelf.found("willow") == ["Willow in the name", "In the facts", "In the summary"]


async def test_words_in_their_order_come_before_words_apart(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Table with a lamp"),
            thing("Lamp for a table"),
            thing("Bright table lamp"),
        ]
    )

    assert (await shelf.found("table lamp"))[0] == "Bright table lamp"


async def test_the_whole_name_comes_before_a_part_of_one(fill: Fill) -> None:
    shelf = await fill([thing("Olive oil soap"), thing("Soap with olive oil"), thing("Olive oil")])

    assert (await shelf.found("olive oil"))[0] == "Olive oil"


async def test_words_as_typed_come_before_words_with_errors(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Candle", units_sold=100_000, rating=500, rating_count=500),
            thing("Something", description="Among other things, a candel.", in_stock=False),
        ]
    )

    assert await shelf.found("candel") == ["Something", "Candle"]


async def test_whole_words_come_before_beginnings(fill: Fill) -> None:
    shelf = await fill([thing("Teapot"), thing("Tea"), thing("Teaspoon")])

    assert (await shelf.found("tea"))[0] == "Tea"


async def test_the_callers_language_counts_more(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Chat", zh="什么"),
            thing("Something", zh="chat"),
        ]
    )

    assert (await shelf.found("chat", language="en"))[0] == "Chat"
    assert (await shelf.found("chat", language="zh-Hans"))[0] == "Something"


@pytest.mark.parametrize(
    "better",
    [{"units_sold": 1_000}, {"rating": 500, "rating_count": 200}],
)
async def test_among_equals_the_popular_comes_first(fill: Fill, better: dict[str, int]) -> None:
    shelf = await fill([thing("Grey lamp"), thing("Blue lamp", **better), thing("Pink lamp")])

    assert (await shelf.found("lamp"))[0] == "Blue lamp"


async def test_what_is_out_of_stock_comes_after_its_equals(fill: Fill) -> None:
    shelf = await fill([thing("Grey lamp", in_stock=False), thing("Blue lamp"), thing("Pink lamp")])

    assert (await shelf.found("lamp"))[-1] == "Grey lamp"
    assert (await shelf.found(""))[-1] == "Grey lamp"


async def test_popularity_does_not_beat_a_far_better_match(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Rug", description="Goes with every lamp.", units_sold=1_000_000, rating=500),
            thing("Lamp", in_stock=False),
        ]
    )

    assert await shelf.found("lamp") == ["Lamp", "Rug"]


async def test_without_words_the_popular_comes_first(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Some", units_sold=10),
            thing("None"),
            thing("Most", units_sold=1_000),
            thing("Gone", units_sold=10, in_stock=False),
        ]
    )

    assert await shelf.found("") == ["Most", "Some", "Gone", "None"]


async def test_synonyms_count_like_words(fill: Fill) -> None:
    shelf = await fill([thing("Lamp", description="Fits every rucksack."), thing("Blue backpack")])
    vocabulary = Vocabulary(synonyms={("rucksack",): [("backpack",)]})

    assert (await shelf.found("rucksack", vocabulary=vocabulary))[0] == "Blue backpack"


SORTED = [
    (SortKey.PRICE, ["C", "B", "D", "A"]),
    (SortKey.NEWEST, ["D", "C", "B", "A"]),
    (SortKey.RATING, ["B", "D", "C", "A"]),
    (SortKey.BEST_SELLING, ["A", "D", "C", "B"]),
]


@pytest.mark.parametrize(("sort", "names"), SORTED)
@pytest.mark.parametrize("text", ["", "lamp"])
async def test_lists_are_sorted_as_asked_and_backwards(
    fill: Fill, sort: SortKey, names: list[str], text: str
) -> None:
    """C and D, or B and C, have the same value: then the id decides, in the sort's direction."""
    shelf = await fill(
        [
            thing("A", price_minor=900, summary="Lamp", units_sold=9, rating=100),
            thing("B", price_minor=200, summary="Lamp", rating=450, published_at=days_later(1)),
            thing("C", price_minor=100, summary="Lamp", rating=300, published_at=days_later(1)),
            thing("D", price_minor=200, summary="Lamp", rating=300, published_at=days_later(2)),
        ]
    )

    assert await shelf.found(text, sort=sort) == names
    assert await shelf.found(text, sort=sort, descending=sort is SortKey.PRICE) == names[::-1]
