"""The platform keeps categories, brands and product types."""

import asyncio
from typing import Any

import pytest

from core.db import counted
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import ERRORS, UPDATE, created, own, text
from tests.catalog.watch import Watch

CATEGORY = f"""mutation($input: CategoryUpsertInput!) {{ categoryUpsert(input: $input) {{
  category {{ id slug name description position parent {{ slug }} children {{ slug }} }} {ERRORS}
}} }}"""
BRAND = f"""mutation($input: BrandUpsertInput!) {{ brandUpsert(input: $input) {{
  brand {{ id slug name description website }} {ERRORS}
}} }}"""
TYPE = f"""mutation($input: ProductTypeUpsertInput!) {{ productTypeUpsert(input: $input) {{
  productType {{ id slug name attributes {{ slug name kind choices isFilterable }} }} {ERRORS}
}} }}"""


async def category(ask: Ask, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(CATEGORY, input=given))["categoryUpsert"]
    return payload


async def product_type(ask: Ask, **given: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(TYPE, input=given))["productTypeUpsert"]
    return payload


async def test_a_category_is_made_moved_and_renamed(stage: Stage) -> None:
    root = await category(stage.platform, name=text("Clothes", "衣服"))
    below = await category(
        stage.platform, name=text("Shirts"), parentId=root["category"]["id"], position=3
    )
    moved = await category(
        stage.platform, id=below["category"]["id"], parentId=None, name=text("Tops")
    )

    assert root["category"]["slug"] == "clothes"
    assert (below["category"]["parent"], below["category"]["position"]) == ({"slug": "clothes"}, 3)
    assert moved["category"] == {
        "id": below["category"]["id"],
        "slug": "shirts",
        "name": "Tops",
        "description": None,
        "position": 3,
        "parent": None,
        "children": [],
    }


async def test_a_category_never_comes_to_be_below_itself(
    stage: Stage, nothing_changes: Watch
) -> None:
    top = (await category(stage.platform, name=text("Top")))["category"]
    middle = (await category(stage.platform, name=text("Middle"), parentId=top["id"]))["category"]
    leaf = (await category(stage.platform, name=text("Leaf"), parentId=middle["id"]))["category"]

    async with nothing_changes():
        answers = [
            await category(stage.platform, id=top["id"], parentId=parent["id"])
            for parent in (top, middle, leaf)
        ]

    for answer in answers:
        error = answer["userErrors"][0]
        assert (error["__typename"], error["field"]) == ("CategoryCycle", ["parentId"])


async def test_two_moves_at_once_make_no_circle(stage: Stage) -> None:
    one, two = [
        (await category(stage.platform, name=text(name)))["category"] for name in ("One", "Two")
    ]

    answers = await asyncio.gather(
        category(stage.platform, id=one["id"], parentId=two["id"]),
        category(stage.platform, id=two["id"], parentId=one["id"]),
    )

    refused = [answer["userErrors"] for answer in answers if answer["userErrors"]]
    assert [error["__typename"] for errors in refused for error in errors] == ["CategoryCycle"]


async def test_a_brand_is_made_and_changed(stage: Stage) -> None:
    made = (await stage.platform(BRAND, input={"name": "Ünique", "website": "https://u.test"}))[
        "brandUpsert"
    ]
    changed = (
        await stage.platform(BRAND, input={"id": made["brand"]["id"], "slug": "u", "website": None})
    )["brandUpsert"]

    assert made["brand"]["slug"] == "unique"
    assert changed["brand"] == {
        "id": made["brand"]["id"],
        "slug": "u",
        "name": "Ünique",
        "description": None,
        "website": None,
    }


async def test_a_product_type_keeps_its_attributes_in_order(stage: Stage) -> None:
    made = await product_type(
        stage.platform,
        name=text("Phone"),
        attributes=[
            {"slug": "storage", "name": text("Storage"), "kind": "NUMBER"},
            {"slug": "color", "name": text("Color"), "kind": "CHOICE", "choices": ["red", "blue"]},
        ],
    )
    changed = await product_type(
        stage.platform,
        id=made["productType"]["id"],
        attributes=[
            {
                "slug": "color",
                "name": text("Colour"),
                "kind": "CHOICE",
                "choices": ["red"],
                "isFilterable": False,
            }
        ],
    )

    assert [each["slug"] for each in made["productType"]["attributes"]] == ["storage", "color"]
    assert changed["productType"]["attributes"] == [
        {
            "slug": "color",
            "name": "Colour",
            "kind": "CHOICE",
            "choices": ["red"],
            "isFilterable": False,
        }
    ]


async def test_what_products_have_values_of_does_not_go(
    stage: Stage, nothing_changes: Watch
) -> None:
    await created(
        stage,
        productTypeId=stage.gid("producttype"),
        attributes=[{"slug": "material", "values": ["wool"]}],
    )
    material = {"slug": "material", "name": text("Material"), "kind": "CHOICE"}
    tries: list[list[dict[str, Any]]] = [
        [],
        [{**material, "kind": "TEXT"}],
        [{**material, "choices": ["silk"]}],
    ]

    async with nothing_changes():
        answers = [
            await product_type(stage.platform, id=stage.gid("producttype"), attributes=attributes)
            for attributes in tries
        ]

    for answer in answers:
        error = answer["userErrors"][0]
        assert (error["__typename"], error["slug"]) == ("AttributeInUse", "material")
    unused = [{**material, "choices": ["wool"]}]
    allowed = await product_type(stage.platform, id=stage.gid("producttype"), attributes=unused)
    assert allowed["userErrors"] == []


@pytest.mark.parametrize(
    ("values", "is_good"),
    [(["wool"], True), (["wool", "silk"], True), (["cotton"], False), ([], True)],
)
async def test_a_choice_takes_its_choices_only(
    stage: Stage, values: list[str], is_good: bool
) -> None:
    product = await created(stage, productTypeId=stage.gid("producttype"))

    answer = await stage.ann(
        UPDATE,
        input={
            "productId": product["id"],
            "attributes": [{"slug": "material", "values": values}],
        },
    )

    assert (answer["productUpdate"]["userErrors"] == []) is is_good


async def test_bad_taxonomy_is_told_and_changes_nothing(
    stage: Stage, nothing_changes: Watch
) -> None:
    await category(stage.platform, name=text("Clothes"))
    tries: list[tuple[str, dict[str, Any], str, list[str]]] = [
        (CATEGORY, {"name": text("X"), "slug": "clothes"}, "Taken", ["slug"]),
        (CATEGORY, {"name": []}, "InvalidInput", ["name"]),
        (CATEGORY, {"name": text("X"), "slug": "a b"}, "InvalidInput", ["slug"]),
        (CATEGORY, {"name": text("X"), "position": -1}, "InvalidInput", ["position"]),
        (CATEGORY, {"id": "category_" + "0" * 32}, "NotFound", ["id"]),
        (CATEGORY, {"name": text("X"), "parentId": "x"}, "NotFound", ["parentId"]),
        (
            CATEGORY,
            {"name": text("X"), "parentId": "category_" + "0" * 32},
            "NotFound",
            ["parentId"],
        ),
        (BRAND, {}, "InvalidInput", ["name"]),
        (BRAND, {"name": "X", "website": "javascript:alert(1)"}, "InvalidInput", ["website"]),
        (BRAND, {"name": "X", "slug": stage.brand.slug}, "Taken", ["slug"]),
        (TYPE, {"name": text("X"), "slug": "shirt"}, "Taken", ["slug"]),
        (
            TYPE,
            {
                "name": text("X"),
                "attributes": [{"slug": "a", "name": text("A"), "kind": "CHOICE"}],
            },
            "InvalidInput",
            ["attributes", "0", "choices"],
        ),
    ]

    async with nothing_changes():
        answers = [await stage.platform(operation, input=given) for operation, given, _, _ in tries]

    for answer, (_, _, kind, field) in zip(answers, tries, strict=True):
        (payload,) = answer.values()
        error = payload["userErrors"][0]
        assert (error["__typename"], error["field"]) == (kind, field)


@pytest.mark.parametrize("operation", [CATEGORY, BRAND, TYPE])
async def test_only_the_platform_keeps_the_taxonomy(
    stage: Stage, ask: Ask, nothing_changes: Watch, operation: str
) -> None:
    async with nothing_changes():
        answers = [
            await ask.answer(operation, input={"slug": "x"}),
            await stage.ann.answer(operation, input={"slug": "x"}),
        ]

    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["UNAUTHENTICATED", "FORBIDDEN"]


async def test_a_type_needs_as_many_statements_with_forty_attributes_as_with_one(
    stage: Stage,
) -> None:
    attributes = [{"slug": f"a{n}", "name": text("A")} for n in range(40)]

    with counted() as one:
        await product_type(stage.platform, name=text("One"), attributes=attributes[:1])
    with counted() as many:
        await product_type(stage.platform, name=text("Many"), attributes=attributes)

    assert len(own(one)) == len(own(many)) == 9, own(many)
