"""Facets: counts, names, order, and what was chosen."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import update

from core.db import Database, Reader
from models.catalog import Category
from tests.asking import Ask
from tests.factories.catalog import make_brand, make_product
from tests.factories.search import index
from tests.search.api.operations import FACETS, counts, facets_of
from tests.search.api.scene import Scene


async def test_facets_come_in_their_order_with_names_and_counts(ask: Ask, scene: Scene) -> None:
    facets = await facets_of(ask, "lamp")

    assert {key: counts(buckets) for key, buckets in facets.items()} == {
        "category": {"Home": 3, "Lamps": 3},
        "price": {"20 to 50 USD": 2, "100 to 200 USD": 1},
        "brand": {"Lumina": 2, "Nordwind": 1},
        "availability": {"In stock": 2, "Out of stock": 1},
        "rating": {"4 stars and more": 1, "3 stars and more": 2, "2 stars and more": 2,
                   "1 star and more": 2},
        "merchant": {"North": 2, "South": 1},
        "color": {"black": 1, "red": 2},
        "watts": {"5": 1, "7": 1, "12": 1},
        "dimmable": {"Yes": 2, "No": 1},
        "material": {"brass": 2, "oak": 1},
    }  # fmt: skip
    assert [*facets] == [
        "category", "price", "brand", "availability", "rating", "merchant",
        "color", "watts", "dimmable", "material",
    ]  # fmt: skip
    assert [*facets["watts"]] == ["5", "7", "12"]
    assert [*facets["dimmable"]] == ["Yes", "No"]
    assert [*facets["material"]] == ["brass", "oak"]


async def test_categories_are_a_tree(ask: Ask, scene: Scene) -> None:
    categories = (await facets_of(ask, ""))["category"]

    assert [*categories] == ["Home", "Lamps", "Kitchen", "Clothing"]
    assert categories["Home"]["parent"] is None
    assert categories["Lamps"]["parent"] == categories["Home"]["value"]
    assert categories["Lamps"]["value"] == scene.id("category", "lamps")


async def test_a_facet_is_not_narrowed_by_its_own_choice(ask: Ask, scene: Scene) -> None:
    where = {
        "brands": [scene.id("brand", "Lumina")],
        "attributes": [{"slug": "color", "values": ["red"]}],
    }

    facets = await facets_of(ask, "lamp", where=where)

    assert counts(facets["brand"]) == {"Lumina": 1, "Nordwind": 1}  # of the red ones
    assert counts(facets["color"]) == {"black": 1, "red": 1}  # of Lumina's
    assert counts(facets["material"]) == {"brass": 1}  # of both
    assert facets["brand"]["Lumina"]["selected"] is True
    assert facets["brand"]["Nordwind"]["selected"] is False
    assert facets["color"]["red"]["selected"] is True


async def test_what_was_chosen_is_there_even_when_nothing_has_it(ask: Ask, scene: Scene) -> None:
    where = {
        "categories": [scene.id("category", "clothing")],
        "brands": [scene.id("brand", "Hanami"), "nonsense"],
        "minimumRating": 5,
        "inStock": False,
        "prices": [{"minimum": "500", "maximum": "501"}],
        "attributes": [{"slug": "color", "values": ["green"]}, {"slug": "odd", "values": ["x"]}],
    }

    facets = await facets_of(ask, "lamp", where=where)

    chosen = {
        key: counts({label: each for label, each in buckets.items() if each["selected"]})
        for key, buckets in facets.items()
    }
    assert {key: found for key, found in chosen.items() if found} == {
        "category": {"Clothing": 0},
        "price": {"500 to 501.01 USD": 0},
        "brand": {"Hanami": 0},
        "availability": {"Out of stock": 0},
        "rating": {"5 stars": 0},
        "color": {"green": 0},
    }


async def test_a_price_range_leads_to_what_it_counts(ask: Ask, scene: Scene) -> None:
    ranges = (await facets_of(ask, ""))["price"]

    for bucket in ranges.values():
        wanted = {name: bucket[name] and bucket[name]["amount"] for name in ("minimum", "maximum")}
        again = await facets_of(ask, "", where={"prices": [wanted]})

        assert again["price"][bucket["label"]]["selected"] is True
        assert counts(again["price"]) == counts(ranges)
        assert sum(counts(again["brand"]).values()) == bucket["count"]


async def test_a_range_of_ones_own_is_counted(ask: Ask, scene: Scene) -> None:
    where = {"prices": [{"minimum": "30", "maximum": "60.50"}]}

    ranges = (await facets_of(ask, "", where=where))["price"]

    chosen = {label: each["count"] for label, each in ranges.items() if each["selected"]}
    assert chosen == {"30 to 60.51 USD": 3}


async def test_five_stars_are_counted_when_they_were_chosen(ask: Ask, scene: Scene) -> None:
    ratings = (await facets_of(ask, "", where={"minimumRating": 5}))["rating"]

    assert ratings["5 stars"]["count"] == 1
    assert ratings["4 stars and more"]["count"] == 2


async def test_labels_are_in_the_caller_s_language(ask: Ask, scene: Scene) -> None:
    chinese = FACETS.replace(") {", ') @inContext(language: "zh-Hans") {', 1)

    found = (await ask(chinese, words="灯"))["searchProducts"]["facets"]

    labels = {facet["key"]: facet["label"] for facet in found}
    buckets = {facet["key"]: [each["label"] for each in facet["buckets"]] for facet in found}
    assert labels["category"] == "分类"
    assert labels["color"] == "颜色"
    assert buckets["category"] == ["家居", "灯具"]
    assert buckets["availability"] == ["有货", "缺货"]
    assert buckets["dimmable"] == ["是", "否"]


async def test_at_most_fifty_values_are_shown_the_most_frequent_and_the_chosen(
    ask: Ask, db: Database, reader: Reader, scene: Scene
) -> None:
    async with db.transaction() as session:
        brands = [await make_brand(session) for _ in range(55)]
        for brand in brands:
            await make_product(session, brand=brand)
        await make_product(session, brand=brands[0])
    await index(db, reader)
    last = f"brand_{brands[-1].id.hex}"

    found = (await facets_of(ask, "", where={"brands": [last]}))["brand"]

    assert len(found) == 50
    assert [bucket for bucket in found.values() if bucket["selected"]]
    assert next(iter(found.values()))["count"] == 2


async def test_names_are_those_of_now(
    ask: Ask, db: Database, reader: Reader, scene: Scene, forget: Callable[[], None]
) -> None:
    await _rename(db, scene.categories["lamps"], {"en": "Lights"})
    forget()

    assert "Lights" in (await facets_of(ask, "台灯"))["category"]


async def _rename(db: Database, category_id: UUID, names: Mapping[str, str]) -> None:
    async with db.transaction() as session:
        await session.execute(update(Category).where(Category.id == category_id).values(name=names))
