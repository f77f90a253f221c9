"""Products that staff put first, higher, or last."""

import pytest

from search.question import Choices, Need, Ranking, SortKey
from tests.search.contract.conftest import Fill
from tests.search.contract.shelf import Shelf
from tests.search.contract.things import id_of, thing


@pytest.fixture
async def shelf(fill: Fill) -> Shelf:
    """Found for `lamp` in this order, but for the last one."""
    return await fill(
        [
            thing("Lamp", brand_id=id_of("brand", 1), units_sold=100),
            thing("Blue lamp", brand_id=id_of("brand", 1), units_sold=50),
            thing("Foot", summary="Of a lamp."),
            thing("Rug", description="It goes with every lamp that there is."),
            thing("Chair"),
        ]
    )


async def test_pinned_products_come_first_in_their_order_even_without_the_words(
    shelf: Shelf,
) -> None:
    pinned = (shelf.id("Chair"), shelf.id("Rug"))

    found = await shelf.found("lamp", ranking=Ranking(pinned=pinned))

    assert found == ["Chair", "Rug", "Lamp", "Blue lamp", "Foot"]


async def test_a_pinned_product_that_the_choices_do_not_let_is_not_there(shelf: Shelf) -> None:
    choices = Choices(brands=frozenset({id_of("brand", 1)}))

    found = await shelf.found("lamp", choices=choices, ranking=Ranking(pinned=(shelf.id("Chair"),)))

    assert found == ["Lamp", "Blue lamp"]


async def test_a_pinned_product_counts(shelf: Shelf) -> None:
    ranking = Ranking(pinned=(shelf.id("Chair"),))

    answer = await shelf.ask("lamp", Need.COUNT, Need.FACETS, ranking=ranking)

    assert answer.total == 5
    assert answer.facets is not None
    assert answer.facets.availability == {True: 5}


async def test_a_pinned_product_that_nobody_may_find_is_not_there(shelf: Shelf) -> None:
    found = await shelf.found("lamp", ranking=Ranking(pinned=(id_of("thing", 9_999_999),)))

    assert found == ["Lamp", "Blue lamp", "Foot", "Rug"]


async def test_boosted_products_come_higher(shelf: Shelf) -> None:
    ranking = Ranking(boosted={shelf.id("Blue lamp"): 10.0})

    assert (await shelf.found("lamp", ranking=ranking))[0] == "Blue lamp"


async def test_a_boost_finds_nothing_by_itself(shelf: Shelf) -> None:
    ranking = Ranking(boosted={shelf.id("Chair"): 10.0})

    assert "Chair" not in await shelf.found("lamp", ranking=ranking)


async def test_a_factor_below_one_comes_lower(shelf: Shelf) -> None:
    ranking = Ranking(boosted={shelf.id("Lamp"): 0.1})

    assert await shelf.found("lamp", ranking=ranking) != await shelf.found("lamp")
    assert (await shelf.found("lamp", ranking=ranking))[0] == "Blue lamp"


async def test_buried_products_come_last(shelf: Shelf) -> None:
    ranking = Ranking(buried=frozenset({shelf.id("Lamp")}))

    assert await shelf.found("lamp", ranking=ranking) == ["Blue lamp", "Foot", "Rug", "Lamp"]


async def test_without_words_it_is_the_same(shelf: Shelf) -> None:
    ranking = Ranking(
        pinned=(shelf.id("Chair"),),
        boosted={shelf.id("Rug"): 10.0},
        buried=frozenset({shelf.id("Lamp")}),
    )

    found = await shelf.found("", ranking=ranking)

    assert (found[0], found[-1], len(found)) == ("Chair", "Lamp", 5)


@pytest.mark.parametrize("sort", [key for key in SortKey if key is not SortKey.RELEVANCE])
async def test_other_sorts_take_no_notice(shelf: Shelf, sort: SortKey) -> None:
    ranking = Ranking(
        pinned=(shelf.id("Chair"),),
        boosted={shelf.id("Rug"): 10.0},
        buried=frozenset({shelf.id("Lamp")}),
    )

    assert await shelf.found("lamp", sort=sort, ranking=ranking) == await shelf.found(
        "lamp", sort=sort
    )
