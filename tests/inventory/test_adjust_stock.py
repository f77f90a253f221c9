"""Corrections of stock: what they change, what they refuse, and what is written down."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.db import Database, counted
from core.ids import encode, new_id
from models.inventory import StockLevel, StockMovement
from tests.asking import Ask
from tests.factories.catalog import make_product, make_variant, make_warehouse
from tests.factories.shops import Stall
from tests.inventory.steps import adjust, level, rows
from tests.shopping import place


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    assert payload["stockLevels"] == []
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_units_that_came_are_added_and_written_down(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    payload = await adjust(keeper, level(stall, delta=5), reason=" a pallet came ")

    assert payload["userErrors"] == []
    assert payload["stockLevels"] == [
        {
            "sku": stall.variant.sku,
            "onHand": 15,
            "reserved": 0,
            "allocated": 0,
            "available": 15,
            "safetyStock": 0,
        }
    ]
    listed = await keeper(
        """{ stockMovements { nodes { kind onHandDelta reason adjustedBy
             variant { sku } warehouse { code } } } }"""
    )
    (movement,) = listed["stockMovements"]["nodes"]
    assert movement.pop("adjustedBy").startswith("user_")
    assert movement == {
        "kind": "ADJUSTMENT",
        "onHandDelta": 5,
        "reason": "a pallet came",
        "variant": {"sku": stall.variant.sku},
        "warehouse": {"code": stall.warehouse.code},
    }


async def test_a_count_sets_a_level_and_the_same_count_again_moves_nothing(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    counted_once = await adjust(keeper, level(stall, setTo=7, changeFromQuantity=10))
    counted_twice = await adjust(keeper, level(stall, setTo=7, safetyStock=8))

    assert counted_once["stockLevels"][0]["onHand"] == 7
    assert counted_twice["stockLevels"][0] == {
        **counted_once["stockLevels"][0],
        "safetyStock": 8,
    }
    async with db.transaction() as session:
        deltas = (await session.scalars(select(StockMovement.on_hand_delta))).all()
    assert deltas == [-3]


async def test_a_level_that_is_not_there_begins_with_nothing(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    async with db.transaction() as session:
        place_ = await make_warehouse(session, stall.merchant)
    line = level(stall, delta=4) | {"warehouseId": encode("warehouse", place_.id)}

    payload = await adjust(keeper, line)

    assert payload["stockLevels"][0]["onHand"] == 4
    refused = await adjust(keeper, {**line, "delta": -5})
    assert refusals(refused) == [("STOCK_PROMISED", ["lines", "0", "delta"])]


async def test_all_lines_or_none(db: Database, stall: Stall, keeper: Ask) -> None:
    async with db.transaction() as session:
        product = await make_product(session, merchant=stall.merchant)
        other = await make_variant(session, product=product, warehouse=stall.warehouse)
    second = level(stall, delta=-11) | {"variantId": encode("variant", other.id)}
    before = await rows(db)

    refused = await adjust(keeper, level(stall, delta=1), second)

    assert refusals(refused) == [("STOCK_PROMISED", ["lines", "1", "delta"])]
    assert await rows(db) == before
    async with db.transaction() as session:
        assert await session.scalar(select(func.sum(StockLevel.on_hand))) == 20


async def test_what_buyers_were_promised_stays(
    db: Database, ask: Ask, stall: Stall, keeper: Ask
) -> None:
    await place(ask, stall, quantity=4)
    before = await rows(db)

    refused = await adjust(keeper, level(stall, setTo=3))
    allowed = await adjust(keeper, level(stall, setTo=4))

    assert refusals(refused) == [("STOCK_PROMISED", ["lines", "0", "setTo"])]
    assert (refused["userErrors"][0]["onHand"], refused["userErrors"][0]["promised"]) == (10, 4)
    assert allowed["stockLevels"][0]["available"] == 0
    after = await rows(db)  # two events: adjusted, and run out
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 0, 1, 2, 1]


async def test_a_count_of_other_stock_is_refused(db: Database, stall: Stall, keeper: Ask) -> None:
    before = await rows(db)

    refused = await adjust(keeper, level(stall, setTo=5, changeFromQuantity=9))

    assert refusals(refused) == [("STOCK_CHANGED", ["lines", "0", "changeFromQuantity"])]
    assert refused["userErrors"][0]["onHand"] == 10
    assert await rows(db) == before


async def test_twenty_counts_of_the_same_stock_at_once_count_once(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    line = level(stall, delta=1, changeFromQuantity=10)

    payloads = await asyncio.gather(*[adjust(keeper, line) for _ in range(20)])

    codes = [error["code"] for payload in payloads for error in payload["userErrors"]]
    assert codes == ["STOCK_CHANGED"] * 19
    async with db.transaction() as session:
        assert await session.scalar(select(StockLevel.on_hand)) == 11


async def test_many_who_add_to_the_same_levels_in_any_order_lose_nothing(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    lines = [level(stall, delta=1)]
    async with db.transaction() as session:
        product = await make_product(session, merchant=stall.merchant)
        for _ in range(4):
            variant = await make_variant(
                session, product=product, warehouse=stall.warehouse, stock=0
            )
            lines.append({**lines[0], "variantId": encode("variant", variant.id)})

    payloads = await asyncio.gather(
        *[adjust(keeper, *(lines if n % 2 else lines[::-1])) for n in range(20)]
    )

    assert [payload["userErrors"] for payload in payloads] == [[]] * 20
    async with db.transaction() as session:
        moved = await session.scalar(select(func.sum(StockMovement.on_hand_delta)))
        lying = await session.scalar(select(func.sum(StockLevel.on_hand)))
    assert (moved, lying) == (100, 110)


async def test_a_repeated_adjustment_moves_once(db: Database, stall: Stall, keeper: Ask) -> None:
    once = await adjust(keeper, level(stall, delta=2), key="the key")

    again = await adjust(keeper, level(stall, delta=2), key="the key")
    other = await adjust(keeper, level(stall, delta=3), key="the key")

    assert again == once
    assert refusals(other) == [("IDEMPOTENCY_CONFLICT", ["idempotencyKey"])]
    async with db.transaction() as session:
        assert await session.scalar(select(StockLevel.on_hand)) == 12


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, []),
        ({"delta": 1, "setTo": 1}, []),
        ({"delta": -1_000_000_001}, ["delta"]),
        ({"setTo": -1}, ["setTo"]),
        ({"safetyStock": -1}, ["safetyStock"]),
        ({"delta": 1_000_000_000}, ["delta"]),
    ],
)
async def test_impossible_numbers_are_refused(
    db: Database, stall: Stall, keeper: Ask, change: dict[str, Any], field: list[str]
) -> None:
    before = await rows(db)

    refused = await adjust(keeper, level(stall, **change))

    assert refusals(refused) == [("INVALID_INPUT", ["lines", "0", *field])]
    assert await rows(db) == before


async def test_malformed_lists_are_refused(db: Database, stall: Stall, keeper: Ask) -> None:
    line = level(stall, delta=1)
    before = await rows(db)

    refused = [
        await adjust(keeper),
        await adjust(keeper, *[line] * 101),
        await adjust(keeper, line, line),
        await adjust(keeper, line, reason="  "),
        await adjust(keeper, {**line, "variantId": encode("variant", new_id())}),
        await adjust(keeper, {**line, "warehouseId": "warehouse_1"}),
    ]

    assert [refusals(each) for each in refused] == [
        [("INVALID_INPUT", ["lines"])],
        [("INVALID_INPUT", ["lines"])],
        [("INVALID_INPUT", ["lines", "1"])],
        [("INVALID_INPUT", ["reason"])],
        [("NOT_FOUND", ["lines", "0", "variantId"])],
        [("NOT_FOUND", ["lines", "0", "warehouseId"])],
    ]
    assert await rows(db) == before


async def test_other_merchants_stock_is_not_there(
    db: Database, stall: Stall, keeper: Ask, stranger: Ask
) -> None:
    before = await rows(db)
    listed = "{ stockLevels { nodes { sku } } stockMovements { nodes { id } } }"

    refused = await adjust(stranger, level(stall, delta=1))

    assert refusals(refused) == [("NOT_FOUND", ["lines", "0", "warehouseId"])]
    assert await rows(db) == before
    await adjust(keeper, level(stall, delta=1))
    own, others = await keeper(listed), await stranger(listed)
    assert own["stockLevels"]["nodes"] == [{"sku": stall.variant.sku}]
    assert len(own["stockMovements"]["nodes"]) == 1
    assert stall.variant.sku not in str(others)
    assert others["stockMovements"]["nodes"] == []


async def test_shoppers_see_no_stock(ask: Ask) -> None:
    answer = await ask.answer("{ stockLevels { nodes { onHand } } }")

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_levels_are_listed_by_sku_and_low_ones_found(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    async with db.transaction() as session:
        product = await make_product(session, merchant=stall.merchant)
        places = [await make_warehouse(session, stall.merchant) for _ in range(2)]
        for place_ in places:
            session.add(
                StockLevel(
                    warehouse_id=place_.id,
                    variant_id=stall.variant.id,
                    merchant_id=stall.merchant.id,
                    on_hand=1,
                )
            )
        for _ in range(3):
            await make_variant(session, product=product, warehouse=stall.warehouse)
        low = update(StockLevel).where(StockLevel.warehouse_id == places[0].id)
        await session.execute(low.values(safety_stock=2))
    page = """query($after: String, $where: StockLevelWhere) {
      stockLevels(first: 2, after: $after, where: $where) {
        nodes { sku warehouse { code } variant { sku } onHand } totalCount { count }
        pageInfo { hasNextPage endCursor } } }"""

    seen: list[tuple[str, str]] = []
    after, more = None, True
    while more:
        answer = (await keeper(page, after=after))["stockLevels"]
        seen += [(node["sku"], node["warehouse"]["code"]) for node in answer["nodes"]]
        after, more = answer["pageInfo"]["endCursor"], answer["pageInfo"]["hasNextPage"]
    few = (await keeper(page, where={"belowSafetyStock": True}))["stockLevels"]

    assert len(seen) == len({*seen}) == 6
    assert [sku for sku, _ in seen] == sorted(sku for sku, _ in seen)
    assert [node["warehouse"]["code"] for node in few["nodes"]] == [places[0].code]
    assert few["totalCount"]["count"] == 1
    assert len(await keeper.statements(page)) == 4


async def test_an_adjustment_takes_thirteen_statements_for_any_number_of_lines(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    lines = []
    async with db.transaction() as session:
        product = await make_product(session, merchant=stall.merchant)
        for _ in range(40):
            variant = await make_variant(session, product=product, warehouse=stall.warehouse)
            lines.append({"variantId": encode("variant", variant.id)})
    whole = [level(stall, delta=1, safetyStock=1) | each for each in lines]
    await keeper("{ __typename }")  # the process knows the caller now

    counts = []
    for some in (whole[:1], whole):
        with counted() as seen:
            await adjust(keeper, *some)
        counts.append(len(seen))

    assert counts == [13, 13], seen
