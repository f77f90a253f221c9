"""Warehouses: who sees which, and how they are made, changed and closed."""

import asyncio
from typing import Any

import pytest

from auth.tokens import Tokens
from core.db import Database
from core.ids import encode, new_id
from models.merchants import Merchant, MerchantStatus
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in
from tests.factories.shops import ADDRESS, Stall
from tests.inventory.steps import UPSERT, adjust, level, rows

LISTED = """query($where: WarehouseWhere) {
  warehouses(where: $where) { nodes { code } totalCount { count } } }"""


async def upsert(ask: Ask, stall: Stall, code: str, **more: Any) -> dict[str, Any]:
    """The payload of warehouseUpsert."""
    details = {"merchantId": encode("merchant", stall.merchant.id), "code": code, **more}
    payload: dict[str, Any] = (await ask(UPSERT, input=details))["warehouseUpsert"]
    return payload


async def test_a_warehouse_is_made_and_changed_by_its_code(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    made = await upsert(keeper, stall, "north", name="North", kind="STORE", address=ADDRESS)
    after_one = await rows(db)
    again = await upsert(keeper, stall, "north", name="North", kind="STORE", address=ADDRESS)
    after_two = await rows(db)

    changed = await upsert(keeper, stall, "north", isPickupPoint=True, priority=3)

    assert made["userErrors"] == []
    assert made["warehouse"]["address"] == {"city": "Springfield", "country": "US"}
    assert again == made
    assert after_two == after_one
    assert changed["warehouse"] == {**made["warehouse"], "isPickupPoint": True, "priority": 3}


async def test_shoppers_see_open_pickup_points_of_active_merchants(
    db: Database, ask: Ask, stall: Stall, keeper: Ask, stranger: Ask
) -> None:
    await upsert(keeper, stall, "store", name="Store", isPickupPoint=True)
    await upsert(keeper, stall, "past", name="Past", isPickupPoint=True, isActive=False)

    shopper = await ask(LISTED)
    staff = await keeper(LISTED)
    others = await stranger(LISTED, where={"merchants": [encode("merchant", stall.merchant.id)]})
    async with db.transaction() as session:
        merchant = await session.get_one(Merchant, stall.merchant.id)
        merchant.status = MerchantStatus.SUSPENDED
    suspended = await ask(LISTED)

    assert shopper["warehouses"] == {"nodes": [{"code": "store"}], "totalCount": {"count": 1}}
    assert [node["code"] for node in staff["warehouses"]["nodes"]] == sorted(
        [stall.warehouse.code, "store", "past"]
    )
    assert others["warehouses"]["nodes"] == [{"code": "store"}]
    assert suspended["warehouses"]["nodes"] == []


async def test_staff_filters_its_warehouses(stall: Stall, keeper: Ask) -> None:
    await upsert(keeper, stall, "past", name="Past", kind="DARK_STORE", isActive=False)

    found = [
        (await keeper(LISTED, where=where))["warehouses"]["totalCount"]["count"]
        for where in (
            {"isActive": False},
            {"kinds": ["DARK_STORE"]},
            {"codes": ["past"]},
            {"isPickupPoint": True},
            {"isActive": True},
        )
    ]

    assert found == [1, 1, 1, 0, 1]


async def test_a_warehouse_with_units_in_it_is_not_closed(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    before = await rows(db)

    refused = await upsert(keeper, stall, stall.warehouse.code, isActive=False)
    await adjust(keeper, level(stall, setTo=0))
    closed = await upsert(keeper, stall, stall.warehouse.code, isActive=False)

    assert refused["warehouse"] is None
    assert refused["userErrors"][0]["code"] == "WAREHOUSE_IN_USE"
    assert refused["userErrors"][0]["units"] == 10
    assert closed["warehouse"]["isActive"] is False
    assert (await rows(db))[0] == before[0]
    late = await adjust(keeper, level(stall, delta=1))
    assert [error["code"] for error in late["userErrors"]] == ["WAREHOUSE_CLOSED"]


async def test_nothing_arrives_in_a_warehouse_that_is_being_closed(
    db: Database, stall: Stall, keeper: Ask
) -> None:
    await adjust(keeper, level(stall, setTo=0))

    answers = await asyncio.gather(
        *[adjust(keeper, level(stall, delta=1)) for _ in range(6)],
        *[upsert(keeper, stall, stall.warehouse.code, isActive=False) for _ in range(3)],
    )

    arrived = [each for each in answers[:6] if not each["userErrors"]]
    closed = [each for each in answers[6:] if not each["userErrors"]]
    assert bool(arrived) != bool(closed)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": ""}, ["code"]),
        ({"code": "north pole"}, ["code"]),
        ({"name": "  "}, ["name"]),
        ({"name": "n" * 101}, ["name"]),
        ({"priority": -1}, ["priority"]),
        ({"name": None}, ["name"]),
        ({"address": ADDRESS | {"city": ""}}, ["address", "city"]),
    ],
)
async def test_a_malformed_warehouse_is_refused(
    db: Database, stall: Stall, keeper: Ask, change: dict[str, Any], field: list[str]
) -> None:
    before = await rows(db)
    details = {"code": "north", "name": "North"} | change

    refused = await upsert(keeper, stall, **details)

    assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [
        ("INVALID_INPUT", field)
    ]
    assert await rows(db) == before


async def test_other_merchants_warehouses_are_not_there(
    db: Database, stall: Stall, stranger: Ask
) -> None:
    before = await rows(db)

    refused = await upsert(stranger, stall, stall.warehouse.code, name="Mine")
    read = await stranger(
        "query($id: ID!) {node(id: $id) {id}}", id=encode("warehouse", stall.warehouse.id)
    )

    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert read == {"node": None}
    assert await rows(db) == before


async def test_a_merchant_that_is_not_there_gets_no_warehouse(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        operator = await make_user(session, platform=("MANAGE_WAREHOUSES",))
        platform = ask.as_(await sign_in(session, tokens, operator))
    details = {"merchantId": encode("merchant", new_id()), "code": "north", "name": "North"}
    before = await rows(db)

    refused = (await platform(UPSERT, input=details))["warehouseUpsert"]

    assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert await rows(db) == before
