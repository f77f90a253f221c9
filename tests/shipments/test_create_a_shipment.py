"""Which units may be packed, by whom, and what is refused."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from auth.tokens import Tokens
from core.db import Database, counted
from core.ids import encode, new_id
from models.outbox import OutboxEvent
from models.platform import IdempotencyKey
from models.shipments import Parcel, Shipment, ShipmentLine
from tests.asking import Ask
from tests.factories.merchants import make_merchant
from tests.factories.shops import make_stall
from tests.shipments.steps import CREATE, Sale, make_sale, staff_of
from tests.shopping import new_key, place

TABLES = (Shipment, ShipmentLine, Parcel, OutboxEvent, IdempotencyKey)


async def rows(db: Database) -> list[int]:
    async with db.transaction() as session:
        return [
            await session.scalar(select(func.count()).select_from(each)) or 0 for each in TABLES
        ]


def refusals(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    assert payload["shipment"] is None
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_more_than_is_left_is_refused_and_changes_nothing(db: Database, sale: Sale) -> None:
    await sale.created(2)
    before = await rows(db)

    refused = await sale.create(2)

    assert refusals(refused) == [("OVER_SHIPMENT", ["lines", "0", "quantity"])]
    assert refused["userErrors"][0]["requested"] == 2
    assert refused["userErrors"][0]["remaining"] == 1
    assert await rows(db) == before


async def test_units_that_were_dispatched_are_not_counted_twice(sale: Sale) -> None:
    await sale.dispatch(await sale.created(2))

    rest = await sale.create(1)
    too_many = await sale.create(1)

    assert rest["userErrors"] == []
    assert refusals(too_many)[0][0] in {"OVER_SHIPMENT", "NOT_ALLOWED_IN_STATE"}


async def test_ten_at_once_who_want_the_same_units_pack_them_once(db: Database, sale: Sale) -> None:
    payloads = await asyncio.gather(*[sale.create(3) for _ in range(10)])

    codes = [error["code"] for payload in payloads for error in payload["userErrors"]]
    assert codes == ["OVER_SHIPMENT"] * 9
    async with db.transaction() as session:
        packed = await session.scalar(select(func.sum(ShipmentLine.quantity)))
    assert packed == 3


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"lines": []}, "INVALID_INPUT", ["lines"]),
        ({"parcels": []}, "INVALID_INPUT", ["parcels"]),
        ({"parcels": [{"weightGrams": -1}]}, "INVALID_INPUT", ["parcels", "0", "weightGrams"]),
        ({"parcels": [{"lengthMm": 0}]}, "INVALID_INPUT", ["parcels", "0", "lengthMm"]),
        (
            {"parcels": [{"trackingNumber": "?"}]},
            "INVALID_INPUT",
            ["parcels", "0", "trackingNumber"],
        ),
        ({"carrierCode": "nobody"}, "NOT_FOUND", ["carrierCode"]),
        ({"service": "teleport"}, "UNKNOWN_SERVICE", ["service"]),
        ({"idempotencyKey": ""}, "INVALID_INPUT", ["idempotencyKey"]),
        ({"orderId": encode("order", new_id())}, "NOT_FOUND", ["orderId"]),
        ({"orderId": "order_1"}, "NOT_FOUND", ["orderId"]),
    ],
)
async def test_a_malformed_shipment_is_refused_and_changes_nothing(
    db: Database, sale: Sale, change: dict[str, Any], code: str, field: list[str]
) -> None:
    before = await rows(db)

    refused = await sale.create(1, **change)

    assert refusals(refused) == [(code, field)]
    assert await rows(db) == before


@pytest.mark.parametrize("quantity", [0, -1, 1_000_000_001])
async def test_an_impossible_quantity_is_refused(db: Database, sale: Sale, quantity: int) -> None:
    before = await rows(db)

    refused = await sale.create(quantity)

    assert refusals(refused) == [("INVALID_INPUT", ["lines", "0", "quantity"])]
    assert await rows(db) == before


async def test_the_same_line_twice_is_added_up(sale: Sale) -> None:
    line = {"orderLineId": sale.line, "quantity": 2}

    refused = await sale.create(lines=[line, line])

    assert refusals(refused) == [("OVER_SHIPMENT", ["lines", "0", "quantity"])]
    assert refused["userErrors"][0]["requested"] == 4


async def test_a_line_of_another_order_is_not_there(db: Database, sale: Sale) -> None:
    before = await rows(db)
    line = {"orderLineId": encode("orderline", new_id()), "quantity": 1}

    refused = await sale.create(lines=[line])

    assert refusals(refused) == [("NOT_FOUND", ["lines", "0", "orderLineId"])]
    assert await rows(db) == before


async def test_an_unpaid_order_is_not_packed(db: Database, ask: Ask, tokens: Tokens) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
        staff = await staff_of(session, stall.merchant, ask, tokens)
    _, group = await place(ask, stall)
    before = await rows(db)
    details = {
        "idempotencyKey": new_key(),
        "orderId": group["orders"][0]["id"],
        "lines": [{"orderLineId": encode("orderline", new_id()), "quantity": 1}],
        "parcels": [{}],
    }

    refused = (await staff(CREATE, input=details))["shipmentCreate"]

    assert refusals(refused) == [("NOT_ALLOWED_IN_STATE", ["orderId"])]
    assert await rows(db) == before


async def test_a_tracking_number_belongs_to_one_parcel(db: Database, sale: Sale) -> None:
    await sale.created(1, parcels=[{"trackingNumber": "PX-0001"}])
    before = await rows(db)

    refused = await sale.create(1, parcels=[{}, {"trackingNumber": "px-0001"}])

    assert refusals(refused) == [("TRACKING_NUMBER_TAKEN", ["parcels", "1", "trackingNumber"])]
    assert await rows(db) == before


async def test_staff_of_another_merchant_find_nothing(
    db: Database, ask: Ask, tokens: Tokens, sale: Sale
) -> None:
    shipment = await sale.created(1)
    async with db.transaction() as session:
        stranger = await staff_of(session, await make_merchant(session), ask, tokens)
    own = Sale(sale.stall, sale.shopper, stranger, sale.order, sale.line)
    before = await rows(db)

    answers = [
        await own.create(1),
        await own.update(shipment, action="CANCEL"),
        await own.dispatch(shipment),
        await own.report({"shipmentId": shipment["id"]}, "IN_TRANSIT", "2026-11-20T10:00:00Z"),
        await own.report(
            {"parcelId": shipment["parcels"][0]["id"]}, "IN_TRANSIT", "2026-11-20T10:00:00Z"
        ),
    ]

    assert [refusals(answer)[0][0] for answer in answers] == ["NOT_FOUND"] * 5
    assert await rows(db) == before
    seen = await stranger(
        "query($id: ID!) {shipment(id: $id) {id} shipments {nodes {id} totalCount {count}}}",
        id=shipment["id"],
    )
    assert seen == {"shipment": None, "shipments": {"nodes": [], "totalCount": {"count": 0}}}


async def test_shoppers_may_not_pack(sale: Sale) -> None:
    answer = await sale.shopper.answer(
        CREATE, input={"idempotencyKey": "k", "orderId": sale.order, "lines": [], "parcels": []}
    )

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_packing_and_sending_take_the_same_statements_for_any_number_of_parcels(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    counts = []
    sale = await make_sale(db, ask, tokens)
    await sale.staff("{ __typename }")  # the process knows the caller now
    for parcels in (1, 20):
        with counted() as packing:
            shipment = await sale.created(1, parcels=[{}] * parcels)
        with counted() as sending:
            await sale.dispatch(shipment)
        counts.append((len(packing), len(sending)))

    assert counts[0] == counts[1] == (16, 25), counts
