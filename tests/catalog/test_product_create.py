"""Merchants make products."""

import asyncio
from typing import Any

import pytest

from core.db import Database, counted
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import (
    CREATE,
    created,
    new_product,
    own,
    size_option,
    text,
    variant,
)
from tests.catalog.watch import Watch


async def test_a_product_with_everything_is_made_as_a_draft(stage: Stage, ask: Ask) -> None:
    given = new_product(
        stage,
        summary=text("Light."),
        description=text("Long text.", "长文。"),
        brandId=stage.gid("brand"),
        productTypeId=stage.gid("producttype"),
        externalReference="erp-1",
        attributes=[{"slug": "material", "values": ["silk", "wool"]}],
        variants=[
            variant("S-1", "s", barcode="4006381333931", weightGrams=180, minimumQuantity=2),
            variant(
                "L-1", "l", prices=[{"currency": "USD", "amount": "12.5", "compareAt": "20.00"}]
            ),
        ],
    )

    answer = (await stage.ann(CREATE, input=given))["productCreate"]

    product = answer["product"]
    ids = [each.pop("id") for each in (product, *product["variants"])]
    assert [each.partition("_")[0] for each in ids] == ["product", "variant", "variant"]
    assert answer == {"userErrors": [], "product": product}
    assert product == {
        "slug": "linen-shirt",
        "name": "Linen Shirt",
        "summary": "Light.",
        "description": "Long text.",
        "status": "DRAFT",
        "version": 1,
        "merchant": {"name": stage.merchant.name},
        "category": {"slug": stage.category.slug},
        "brand": {"slug": stage.brand.slug},
        "productType": {"slug": "shirt"},
        "options": [
            {
                "slug": "size",
                "name": "Size",
                "values": [{"slug": "s", "name": "S"}, {"slug": "l", "name": "L"}],
            }
        ],
        "attributes": [
            {"slug": "material", "value": "silk"},
            {"slug": "material", "value": "wool"},
        ],
        "priceRange": {"start": {"amount": "10.00"}, "stop": {"amount": "12.50"}},
        "variants": [
            {
                "sku": "S-1",
                "name": "S",
                "position": 0,
                "options": [{"option": "size", "value": "s"}],
                "price": {"amount": "10.00"},
                "compareAtPrice": None,
                "barcode": "4006381333931",
                "weightGrams": 180,
                "minimumQuantity": 2,
                "isActive": True,
                "version": 1,
            },
            {
                "sku": "L-1",
                "name": "L",
                "position": 1,
                "options": [{"option": "size", "value": "l"}],
                "price": {"amount": "12.50"},
                "compareAtPrice": {"amount": "20.00"},
                "barcode": None,
                "weightGrams": 0,
                "minimumQuantity": 1,
                "isActive": True,
                "version": 1,
            },
        ],
    }
    listed = await ask("{ products { totalCount { count } } }")
    assert listed["products"]["totalCount"]["count"] == 0  # a draft


async def test_names_that_are_alike_get_slugs_of_their_own(stage: Stage) -> None:
    slugs = [(await created(stage, variants=[]))["slug"] for _ in range(11)]

    assert slugs[:9] == ["linen-shirt", *(f"linen-shirt-{n}" for n in range(2, 10))]
    assert all(slug.startswith("linen-shirt-") for slug in slugs[9:])
    assert len({*slugs}) == 11


async def test_products_made_at_once_with_one_name_all_get_a_slug(stage: Stage) -> None:
    made = await asyncio.gather(*(created(stage, variants=[]) for _ in range(8)))

    assert len({product["slug"] for product in made}) == 8


async def test_a_chinese_name_gives_a_slug_too(stage: Stage) -> None:
    product = await created(stage, name=text("衬衫"), variants=[])

    assert product["slug"] == "product"


REFUSED: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    (
        {"name": text("")},
        [{"__typename": "InvalidInput", "field": ["name"]}],
    ),
    (
        {"name": [{"language": "zh-Hans", "text": "衬衫"}]},
        [{"__typename": "InvalidInput", "field": ["name"]}],
    ),
    (
        {"name": text("x" * 201)},
        [{"__typename": "InvalidInput", "field": ["name"]}],
    ),
    (
        {"name": text("bell \x07")},
        [{"__typename": "InvalidInput", "field": ["name"]}],
    ),
    (
        {"name": text("a") + text("b")},
        [{"__typename": "InvalidInput", "field": ["name"]}],
    ),
    ({"slug": "Not A Slug"}, [{"__typename": "InvalidInput", "field": ["slug"]}]),
    (
        {"categoryId": "category_" + "0" * 32},
        [{"__typename": "NotFound", "field": ["categoryId"], "kind": "Category"}],
    ),
    (
        {"categoryId": "nonsense"},
        [{"__typename": "NotFound", "field": ["categoryId"], "kind": "Category"}],
    ),
    (
        {"brandId": "brand_" + "0" * 32},
        [{"__typename": "NotFound", "field": ["brandId"], "kind": "Brand"}],
    ),
    (
        {"attributes": [{"slug": "material", "values": ["wool"]}]},  # without a type
        [{"__typename": "InvalidInput", "field": ["attributes", "0"]}],
    ),
    (
        {"options": [size_option("s", "l"), size_option("s")]},
        [{"__typename": "InvalidInput", "field": ["options"]}],
    ),
    (
        {"options": [size_option()], "variants": []},
        [{"__typename": "InvalidInput", "field": ["options", "0", "values"]}],
    ),
    (
        {"variants": [variant("A", "s"), variant("B", "xl")]},
        [
            {
                "__typename": "OptionsMismatch",
                "field": ["variants", "1", "options"],
                "sku": "B",
                "option": "size",
            }
        ],
    ),
    (
        {"variants": [variant("A", "s"), variant("B", "s")]},
        [{"__typename": "Taken", "field": ["variants", "1", "options"], "value": "size=s"}],
    ),
    (
        {"variants": [variant("A", "s"), variant("A", "l")]},
        [{"__typename": "InvalidInput", "field": ["variants", "1", "sku"]}],
    ),
    (
        {"variants": [variant("A", "s", "-1"), variant("B", "l", "1.005")]},
        [
            {"__typename": "InvalidInput", "field": ["variants", "0", "prices", "0", "amount"]},
            {"__typename": "InvalidInput", "field": ["variants", "1", "prices", "0", "amount"]},
        ],
    ),
    (
        {"variants": [{"sku": None}]},
        [{"__typename": "InvalidInput", "field": ["variants", "0", "sku"]}],
    ),
]


@pytest.mark.parametrize(("change", "expected"), REFUSED)
async def test_what_is_wrong_is_told_in_its_place_and_changes_nothing(
    stage: Stage,
    nothing_changes: Watch,
    change: dict[str, Any],
    expected: list[dict[str, Any]],
) -> None:
    async with nothing_changes():
        answer = (await stage.ann(CREATE, input=new_product(stage, **change)))["productCreate"]

    assert answer["product"] is None
    facts = [
        {key: value for key, value in error.items() if key not in {"code", "message"}}
        for error in answer["userErrors"]
    ]
    assert facts == expected


async def test_a_slug_a_sku_and_a_reference_can_be_had_once(
    stage: Stage, nothing_changes: Watch
) -> None:
    await created(stage, slug="mine", externalReference="erp-1")
    tries: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"slug": "mine", "variants": []}, "mine", ["slug"]),
        ({"externalReference": "erp-1", "variants": []}, "erp-1", ["externalReference"]),
        ({"variants": [variant("S-1", "s")]}, "S-1", ["variants", "0", "sku"]),
    ]

    for change, value, field in tries:
        async with nothing_changes():
            answer = (await stage.ann(CREATE, input=new_product(stage, **change)))["productCreate"]

        error = answer["userErrors"][0]
        assert (error["__typename"], error["value"], error["field"]) == ("Taken", value, field)


async def test_two_who_want_one_sku_at_once_do_not_both_get_it(stage: Stage, db: Database) -> None:
    answers = await asyncio.gather(*(stage.ann(CREATE, input=new_product(stage)) for _ in range(6)))

    errors = [answer["productCreate"]["userErrors"] for answer in answers]
    assert min(len(each) for each in errors) == 0
    assert sum(not each for each in errors) == 1
    assert {error["__typename"] for each in errors for error in each} == {"Taken"}


async def test_a_merchant_of_others_is_not_there(stage: Stage, nothing_changes: Watch) -> None:
    async with nothing_changes():
        answer = (await stage.bob(CREATE, input=new_product(stage)))["productCreate"]

    assert answer["userErrors"] == [
        {
            "__typename": "NotFound",
            "code": "NOT_FOUND",
            "message": "There is no such Merchant.",
            "field": ["merchantId"],
            "kind": "Merchant",
        }
    ]


async def test_prices_need_their_own_permission(stage: Stage, nothing_changes: Watch) -> None:
    async with nothing_changes():
        answer = (await stage.carl(CREATE, input=new_product(stage)))["productCreate"]

    error = answer["userErrors"][0]
    assert (error["__typename"], error["permission"]) == ("PermissionMissing", "MANAGE_PRICES")
    assert error["field"] == ["variants", "0", "prices"]
    without = [{"sku": "S-1", "options": [{"option": "size", "value": "s"}]}]
    allowed = await stage.carl(CREATE, input=new_product(stage, variants=without))
    assert allowed["productCreate"]["userErrors"] == []


async def test_who_is_not_signed_in_is_refused_before_anything_runs(
    stage: Stage, ask: Ask, nothing_changes: Watch
) -> None:
    async with nothing_changes():
        answer = await ask.answer(CREATE, input=new_product(stage))

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in answer


async def test_a_product_needs_as_many_statements_as_one_with_fifty_variants(
    stage: Stage,
) -> None:
    values = [f"v{n}" for n in range(50)]
    many = new_product(
        stage,
        options=[size_option(*values)],
        variants=[variant(f"M-{value}", value) for value in values],
    )

    await created(stage, variants=[])  # snapshots are warm afterwards

    with counted() as few:
        await stage.ann(CREATE, input=new_product(stage))
    with counted() as more:
        answer = await stage.ann(CREATE, input=many)

    assert len(answer["productCreate"]["product"]["variants"]) == 50
    assert len(own(more)) == len(own(few)) == 18, own(more)
