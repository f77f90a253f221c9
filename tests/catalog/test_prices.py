"""Setting prices."""

from typing import Any

import asyncpg

from core.db import counted
from tests.asking import Ask
from tests.catalog.conftest import Stage
from tests.catalog.operations import PRICES, created, own, size_option, variant
from tests.catalog.watch import Watch


def price(of: dict[str, Any], amount: str, currency: str = "USD", **more: Any) -> dict[str, Any]:
    return {"variantId": of["id"], "currency": currency, "amount": amount, **more}


async def set_prices(ask: Ask, *prices: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = (await ask(PRICES, input={"prices": list(prices)}))["variantPriceSet"]
    return payload


async def test_prices_of_several_variants_are_set_at_once(
    stage: Stage, ask: Ask, cleaner: asyncpg.Connection
) -> None:
    small, large = (await created(stage))["variants"]

    answer = await set_prices(
        stage.ann,
        price(small, "8.00", compareAt="10.00"),
        price(large, "9.00"),
        price(large, "900", "JPY"),
    )

    assert answer == {
        "userErrors": [],
        "variants": [
            {
                "sku": "S-1",
                "price": {"amount": "8.00", "currency": "USD"},
                "compareAtPrice": {"amount": "10.00"},
                "version": 2,
            },
            {
                "sku": "L-1",
                "price": {"amount": "9.00", "currency": "USD"},
                "compareAtPrice": None,
                "version": 2,
            },
        ],
    }
    row = await cleaner.fetchrow("SELECT price_min_minor, price_max_minor FROM products")
    assert row is not None
    assert tuple(row) == (800, 900)


async def test_the_same_price_again_is_no_change(stage: Stage, nothing_changes: Watch) -> None:
    small, _ = (await created(stage))["variants"]

    async with nothing_changes():
        answer = await set_prices(stage.ann, price(small, "10.00"))

    assert answer["variants"][0]["version"] == 1


async def test_one_bad_price_and_none_is_set(
    stage: Stage, ask: Ask, nothing_changes: Watch
) -> None:
    small, large = (await created(stage))["variants"]
    bad = [
        (price(large, "-1"), "InvalidInput", ["prices", "1", "amount"]),
        (price(large, "1.001"), "InvalidInput", ["prices", "1", "amount"]),
        (price(large, "1", compareAt="0.50"), "InvalidInput", ["prices", "1", "compareAt"]),
        (price(small, "7"), "InvalidInput", ["prices", "1"]),
        (price({"id": "variant_" + "0" * 32}, "7"), "NotFound", ["prices", "1", "variantId"]),
        (price({"id": "nonsense"}, "7"), "NotFound", ["prices", "1", "variantId"]),
    ]

    async with nothing_changes():
        answers = [await set_prices(stage.ann, price(small, "8"), each) for each, _, _ in bad]
        foreign = await set_prices(stage.bob, price(small, "8"))
        none = await set_prices(stage.ann)
        anonymous = await ask.answer(PRICES, input={"prices": [price(small, "8")]})
        without = await stage.carl.answer(PRICES, input={"prices": [price(small, "8")]})

    for answer, (_, kind, field) in zip(answers, bad, strict=True):
        error = answer["userErrors"][0]
        assert (error["__typename"], error["field"]) == (kind, field)
        assert answer["variants"] is None
    assert foreign["userErrors"][0]["kind"] == "ProductVariant"
    assert none["userErrors"][0]["field"] == ["prices"]
    assert anonymous["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert without["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_many_prices_need_no_more_statements_than_one(stage: Stage) -> None:
    sizes = [f"v{n}" for n in range(60)]
    product = await created(
        stage,
        options=[size_option(*sizes)],
        variants=[variant(f"P-{size}", size) for size in sizes],
    )
    variants = product["variants"]

    with counted() as one:
        await set_prices(stage.ann, price(variants[0], "1.00"))
    with counted() as many:
        answer = await set_prices(stage.ann, *(price(each, "2.00") for each in variants))

    assert len(answer["variants"]) == 60
    assert len(own(one)) == len(own(many)) == 9, own(many)
