"""Many variants in one call."""

from typing import Any

import pytest

from core.db import counted
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import BULK, created, own, size_option, variant
from tests.catalog.watch import Watch

PRODUCT = "query($id: ID!) { product(by: {id: $id}) { version variants { sku } } }"


async def upsert(
    stage: Stage, variants: list[dict[str, Any]], *, ask: Ask | None = None, **more: Any
) -> dict[str, Any]:
    given = {"merchantId": stage.gid("merchant"), "variants": variants, **more}
    payload: dict[str, Any] = (await (ask or stage.ann)(BULK, input=given))["variantsBulkUpsert"]
    return payload


async def test_known_ones_change_and_new_ones_are_made(stage: Stage) -> None:
    product = await created(stage, options=[size_option("s", "m", "l")])
    by_id = {"id": product["variants"][0]["id"], "sku": "S-NEW", "weightGrams": 200}
    by_sku = {"sku": "L-1", "prices": [{"currency": "USD", "amount": "9.99"}]}
    new = variant("M-1", "m", productId=product["id"], barcode="123")

    answer = await upsert(stage, [by_id, by_sku, new])

    assert answer["userErrors"] == []
    assert all(result["errors"] == [] for result in answer["results"])
    variants = [result["variant"] for result in answer["results"]]
    for each in variants:
        each.pop("id")
    assert variants == [
        {
            "sku": "S-NEW",
            "barcode": None,
            "position": 0,
            "weightGrams": 200,
            "version": 2,
            "options": [{"option": "size", "value": "s"}],
            "price": {"amount": "10.00"},
        },
        {
            "sku": "L-1",
            "barcode": None,
            "position": 1,
            "weightGrams": 0,
            "version": 2,
            "options": [{"option": "size", "value": "l"}],
            "price": {"amount": "9.99"},
        },
        {
            "sku": "M-1",
            "barcode": "123",
            "position": 2,
            "weightGrams": 0,
            "version": 1,
            "options": [{"option": "size", "value": "m"}],
            "price": {"amount": "10.00"},
        },
    ]


async def test_lists_follow_the_prices_of_active_variants(stage: Stage) -> None:
    product = await created(stage)
    price_range = "query($id: ID!) { product(by: {id: $id}) { priceRange { start { amount } stop { amount } } } }"

    await upsert(stage, [{"sku": "S-1", "isActive": False}])
    after = await stage.ann(price_range, id=product["id"])

    assert after["product"]["priceRange"] == {
        "start": {"amount": "12.50"},
        "stop": {"amount": "12.50"},
    }


async def test_five_hundred_variants_need_no_more_statements_than_two(stage: Stage) -> None:
    sizes = [f"v{n}" for n in range(100)]
    colors = {**size_option("a", "b", "c", "d", "e"), "slug": "color"}
    product = await created(stage, options=[size_option(*sizes), colors], variants=[])
    rows = [
        {
            "productId": product["id"],
            "sku": f"{size}-{color}",
            "options": [
                {"option": "size", "value": size},
                {"option": "color", "value": color},
            ],
            "prices": [{"currency": "USD", "amount": "1.00"}],
        }
        for size in sizes
        for color in "abcde"
    ]

    with counted() as few:
        await upsert(stage, rows[:2])
    with counted() as many:
        made = await upsert(stage, rows)
    for row in rows:
        row["prices"] = [{"currency": "USD", "amount": "2.00"}]
    with counted() as changing:
        changed = await upsert(stage, rows)

    assert len(made["results"]) == len(changed["results"]) == 500
    assert {result["variant"]["price"]["amount"] for result in changed["results"]} == {"2.00"}
    counts = [len(own(each)) for each in (few, many, changing)]
    assert counts == [11, 11, 10]  # the payload's are among them
    too_many = await upsert(stage, [*rows, rows[0]])
    assert too_many["userErrors"][0]["field"] == ["variants"]
    one_more = await upsert(stage, [{**rows[0], "sku": "one more"}])
    assert one_more["userErrors"][0]["__typename"] == "Taken"


BAD: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"id": "variant_" + "0" * 32}, "NotFound", ["id"]),
    ({"id": "nonsense"}, "NotFound", ["id"]),
    ({"sku": "unknown"}, "InvalidInput", ["productId"]),
    ({"sku": "unknown", "productId": "product_" + "0" * 32}, "NotFound", ["productId"]),
    ({}, "InvalidInput", ["sku"]),
    ({"sku": "S-1", "weightGrams": -1}, "InvalidInput", ["weightGrams"]),
    ({"sku": "S-1", "minimumQuantity": 0}, "InvalidInput", ["minimumQuantity"]),
    ({"sku": "S-1", "barcode": "x" * 65}, "InvalidInput", ["barcode"]),
    ({"sku": "S-1", "options": []}, "OptionsMismatch", ["options"]),
    ({"sku": "S-1", "options": [{"option": "size", "value": "l"}]}, "Taken", ["options"]),
    (
        {
            "sku": "S-1",
            "options": [{"option": "size", "value": "s"}, {"option": "hue", "value": "x"}],
        },
        "OptionsMismatch",
        ["options"],
    ),
    (
        {"sku": "S-1", "prices": [{"currency": "USD", "amount": "1", "compareAt": "1"}]},
        "InvalidInput",
        ["prices", "0", "compareAt"],
    ),
    (
        {"sku": "S-1", "prices": [{"currency": "USD", "amount": "99999999999999"}]},
        "InvalidInput",
        ["prices", "0", "amount"],
    ),
]


@pytest.mark.parametrize(("row", "kind", "field"), BAD)
async def test_one_bad_row_rejects_everything(
    stage: Stage, nothing_changes: Watch, row: dict[str, Any], kind: str, field: list[str]
) -> None:
    await created(stage)

    async with nothing_changes():
        answer = await upsert(stage, [{"sku": "L-1", "weightGrams": 1}, row])

    assert answer["results"] is None
    error = answer["userErrors"][0]
    assert (error["__typename"], error["field"]) == (kind, ["variants", "1", *field])


@pytest.mark.parametrize(("row", "kind", "field"), BAD)
async def test_or_it_alone_is_left_out(
    stage: Stage, row: dict[str, Any], kind: str, field: list[str]
) -> None:
    await created(stage)

    answer = await upsert(
        stage, [{"sku": "L-1", "weightGrams": 1}, row], onError="REJECT_FAILED_ROWS"
    )

    good, bad = answer["results"]
    assert answer["userErrors"] == []
    assert (good["variant"]["weightGrams"], good["errors"]) == (1, [])
    assert bad["variant"] is None
    assert (bad["errors"][0]["__typename"], bad["errors"][0]["field"]) == (kind, field)


async def test_or_only_the_bad_part_of_it(stage: Stage) -> None:
    product = await created(stage, options=[size_option("s", "m", "l")])
    known = {
        "sku": "S-1",
        "weightGrams": 7,
        "barcode": "x" * 65,
        "options": [{"option": "size", "value": "l"}],
        "prices": [
            {"currency": "USD", "amount": "3.00"},
            {"currency": "EUR", "amount": "-3.00"},
        ],
    }
    new = variant("M-1", "m", productId=product["id"], minimumQuantity=0, position=9)
    hopeless = variant("X-1", "xxl", productId=product["id"])

    answer = await upsert(stage, [known, new, hopeless], onError="IGNORE_FAILED")

    first, second, third = answer["results"]
    assert answer["userErrors"] == []
    assert (first["variant"]["weightGrams"], first["variant"]["price"]["amount"]) == (7, "3.00")
    assert first["variant"]["barcode"] is None
    assert first["variant"]["options"] == [{"option": "size", "value": "s"}]
    assert [error["field"] for error in first["errors"]] == [
        ["barcode"],
        ["prices", "1", "amount"],
        ["options"],
    ]
    assert (second["variant"]["position"], len(second["errors"])) == (9, 1)
    assert third["variant"] is None
    assert third["errors"][0]["__typename"] == "OptionsMismatch"


async def test_a_sku_of_the_merchant_is_unique_over_all_products(
    stage: Stage, nothing_changes: Watch
) -> None:
    await created(stage)
    second = await created(stage, variants=[variant("S-2", "s")])

    async with nothing_changes():
        renamed = await upsert(stage, [{"id": second["variants"][0]["id"], "sku": "S-1"}])
        moved = await upsert(stage, [variant("S-1", "l", productId=second["id"])])

    for answer in (renamed, moved):
        error = answer["userErrors"][0]
        assert (error["__typename"], error["value"]) == ("Taken", "S-1")


async def test_variants_of_others_are_not_there(
    stage: Stage, ask: Ask, nothing_changes: Watch
) -> None:
    product = await created(stage)
    theirs = {"merchantId": stage.gid("merchant"), "variants": [{"sku": "S-1", "weightGrams": 1}]}

    async with nothing_changes():
        foreign = await upsert(stage, [{"sku": "S-1"}], ask=stage.bob)
        by_id = await stage.bob(
            BULK,
            input={
                "merchantId": "merchant_" + stage.other.id.hex,
                "variants": [{"id": product["variants"][0]["id"], "weightGrams": 1}],
            },
        )
        anonymous = await ask.answer(BULK, input=theirs)
        unpriced = await upsert(
            stage, [{"sku": "S-1", "prices": [{"currency": "USD", "amount": "1"}]}], ask=stage.carl
        )

    assert foreign["userErrors"][0]["kind"] == "Merchant"
    assert by_id["variantsBulkUpsert"]["userErrors"][0]["kind"] == "ProductVariant"
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert unpriced["userErrors"][0]["permission"] == "MANAGE_PRICES"
