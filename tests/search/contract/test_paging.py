"""Lists are read in parts, from both ends, without gaps and without doubles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from search.answer import Hit
from search.question import Part, Place, Ranking, SortKey
from tests.search import catalogue
from tests.search.contract.conftest import Fill
from tests.search.contract.shelf import ALL, Shelf
from tests.search.contract.things import thing

SIZE = 7


@pytest.fixture
async def shelf(fill: Fill) -> Shelf:
    """Much of it has the same price, rating, sales and score as something else."""
    alike = [
        replace(
            document,
            price_minor=document.price_minor // 10_000 * 10_000,
            rating=document.rating // 100 * 100,
            units_sold=document.units_sold // 500 * 500,
            published_at=document.published_at.replace(day=1 + n // 9, hour=0, microsecond=0),
        )
        for n, document in enumerate(catalogue.DOCUMENTS)
    ]
    return await fill(alike)


def read_back(place: Place) -> Place:
    """As a cursor brings it back: its number went through JSON, its time through microseconds."""
    value = place.value
    if isinstance(value, datetime):
        assert value.tzinfo is not None
        return Place(datetime.fromisoformat(value.isoformat()).astimezone(UTC), place.id)
    return Place(orjson.loads(orjson.dumps(value)), place.id)


async def all_parts(
    shelf: Shelf, text: str, sort: SortKey, *, descending: bool | None, backwards: bool
) -> list[Hit]:
    found: list[Hit] = []
    place, has_more = None, True
    while has_more:
        answer = await shelf.ask(
            text, sort=sort, descending=descending, part=Part(SIZE, place, backwards)
        )
        found = [*answer.hits, *found] if backwards else [*found, *answer.hits]
        has_more = answer.has_more
        assert len(answer.hits) == SIZE or not has_more
        assert len(found) <= len(shelf.documents), "it goes round in circles"
        place = read_back(found[0 if backwards else -1].place)
    return found


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", [*SortKey])
@pytest.mark.parametrize("text", ["", "kestrel"])
async def test_the_parts_are_the_list(
    shelf: Shelf, text: str, sort: SortKey, descending: bool | None
) -> None:
    whole = (await shelf.ask(text, sort=sort, descending=descending)).hits
    assert len({hit.id for hit in whole}) == len(whole) > SIZE

    for backwards in (False, True):
        parts = await all_parts(shelf, text, sort, descending=descending, backwards=backwards)

        assert [hit.id for hit in parts] == [hit.id for hit in whole]
        assert [hit.place for hit in parts] == [hit.place for hit in whole]


@pytest.mark.parametrize("text", ["wireless", "kitchen steel", "手机", "kestrel phon"])
async def test_the_parts_of_what_words_find_are_its_list(shelf: Shelf, text: str) -> None:
    whole = (await shelf.ask(text)).hits
    assert whole

    for backwards in (False, True):
        place, found = None, []
        while len(found) < len(whole):
            part = await shelf.ask(text, part=Part(1, place, backwards))
            found.append(part.hits[0].id)
            place = read_back(part.hits[0].place)
            assert part.has_more == (len(found) < len(whole))
        assert found == [hit.id for hit in (whole[::-1] if backwards else whole)]


async def test_ids_break_ties_in_the_direction_of_the_list(fill: Fill) -> None:
    shelf = await fill([thing(f"Lamp {letter}") for letter in "ABCDE"])

    rising = await shelf.found("", sort=SortKey.PRICE)
    falling = await shelf.found("", sort=SortKey.PRICE, descending=True)
    relevant = await shelf.found("lamp")

    assert rising == [f"Lamp {letter}" for letter in "ABCDE"]
    assert falling == rising[::-1]
    assert relevant == rising[::-1]


async def test_beyond_the_end_is_nothing(shelf: Shelf) -> None:
    last = (await shelf.ask("")).hits[-1]

    beyond = await shelf.ask("", part=Part(SIZE, last.place))

    assert ([*beyond.hits], beyond.has_more) == ([], False)


async def test_a_place_of_a_product_that_is_gone_is_a_place_all_the_same(shelf: Shelf) -> None:
    hits = (await shelf.ask("", sort=SortKey.PRICE)).hits
    between = Place(hits[10].place.value, catalogue.CATEGORIES["home"])

    after = (await shelf.ask("", sort=SortKey.PRICE, part=Part(ALL, between))).hits

    expected = [hit.id for hit in hits if hit.place > (between.value, between.id)]
    assert [hit.id for hit in after] == expected


async def test_pinned_and_buried_products_are_read_once(shelf: Shelf) -> None:
    pins: Sequence[str] = ("phone", "wool_socks", "rice_cooker")
    ranking = Ranking(
        pinned=tuple(map(catalogue.id_of, pins)),
        boosted={catalogue.id_of("cable"): 3.0},
        buried=frozenset({catalogue.id_of("charger"), catalogue.id_of("headphones")}),
    )
    whole = (await shelf.ask("wireless", ranking=ranking)).hits
    found, place = [], None

    for _ in whole:
        part = await shelf.ask("wireless", ranking=ranking, part=Part(1, place))
        found.append(part.hits[0].id)
        place = read_back(part.hits[0].place)

    assert found == [hit.id for hit in whole]
    assert catalogue.keys_of(whole)[:3] == list(pins)
