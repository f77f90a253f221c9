"""Tracking events as they come: late, twice, in the wrong order; and who may read them."""

from datetime import timedelta
from typing import Any

import pytest

from auth.tokens import Tokens
from core.clock import iso, now
from core.db import Database
from core.ids import decode, encode, new_id
from models.shipments import Shipment
from services import shipments
from tests.asking import Ask
from tests.factories.accounts import make_guest, make_user, sign_in
from tests.factories.merchants import make_merchant
from tests.factories.shipments import make_carrier, make_shipment
from tests.shipments.steps import Sale
from tests.shopping import new_key

TIMELINE = """query($id: ID!) { shipment(id: $id) {
  status carrier { name services { code } } events { status location happenedAt } } }"""
TRACK = """query($number: String!, $digits: String!) {
  trackShipment(trackingNumber: $number, phoneDigits: $digits) {
    status deliveredAt carrier { code } events { status location } } }"""
PAGE = """{ shipments { nodes { number status lines { orderLineId quantity }
  parcels { trackingNumber trackingUrl } events { status location } carrier { name } } } }"""


async def dispatched(sale: Sale, parcels: int = 1) -> dict[str, Any]:
    shipment = await sale.created(1, parcels=[{}] * parcels)
    await sale.dispatch(shipment)
    return shipment


async def test_an_older_event_does_not_bring_a_parcel_back(sale: Sale) -> None:
    shipment = await dispatched(sale)
    of = {"shipmentId": shipment["id"]}
    await sale.report(of, "DELIVERED", "2026-11-21T10:00:00Z")

    late = await sale.report(of, "OUT_FOR_DELIVERY", "2026-11-21T08:00:00Z")

    assert late["shipment"]["status"] == "DELIVERED"
    assert late["shipment"]["deliveredAt"] == "2026-11-21T10:00:00Z"
    assert [event["status"] for event in late["shipment"]["events"]] == [
        "OUT_FOR_DELIVERY",
        "DELIVERED",
    ]


async def test_a_shipment_waits_for_its_slowest_parcel(sale: Sale) -> None:
    shipment = await dispatched(sale, parcels=2)
    one, other = [{"parcelId": parcel["id"]} for parcel in shipment["parcels"]]

    half = await sale.report(one, "DELIVERED", "2026-11-21T10:00:00Z")
    whole = await sale.report(other, "DELIVERED", "2026-11-21T09:00:00Z")

    assert half["shipment"]["status"] == "DISPATCHED"
    assert whole["shipment"]["status"] == "DELIVERED"
    assert whole["shipment"]["deliveredAt"] == "2026-11-21T10:00:00Z"


async def test_the_same_event_twice_is_one(sale: Sale) -> None:
    shipment = await dispatched(sale)
    of = {"shipmentId": shipment["id"]}
    first = await sale.report(of, "IN_TRANSIT", "2026-11-20T10:00:00Z", eventKey="carrier's 7")

    again = await sale.report(of, "IN_TRANSIT", "2026-11-20T10:00:00Z", eventKey="carrier's 7")

    assert again["userErrors"] == []
    assert again["shipment"] == first["shipment"]
    assert len(again["shipment"]["events"]) == 1


async def test_a_scan_before_the_dispatch_counts_after_it(sale: Sale) -> None:
    shipment = await sale.created(1)
    of = {"shipmentId": shipment["id"]}

    early = await sale.report(of, "PICKED_UP", "2026-11-20T10:00:00Z")
    sent = await sale.dispatch(shipment)

    assert early["shipment"]["status"] == "CREATED"
    assert sent["shipment"]["status"] == "IN_TRANSIT"


@pytest.mark.parametrize(
    ("of", "code"),
    [
        ({"shipmentId": encode("shipment", new_id())}, "NOT_FOUND"),
        ({"parcelId": "parcel_1"}, "NOT_FOUND"),
        ({"parcel": {"carrierCode": "parcel-express", "trackingNumber": "PX-404"}}, "NOT_FOUND"),
        ({"parcel": {"carrierCode": "parcel-express", "trackingNumber": "?"}}, "INVALID_INPUT"),
    ],
)
async def test_a_report_of_nothing_known_is_refused(
    sale: Sale, of: dict[str, Any], code: str
) -> None:
    refused = await sale.report(of, "IN_TRANSIT", "2026-11-20T10:00:00Z")

    assert [error["code"] for error in refused["userErrors"]] == [code]


async def test_an_event_of_the_future_is_refused(sale: Sale) -> None:
    shipment = await dispatched(sale)

    refused = await sale.report(
        {"shipmentId": shipment["id"]}, "DELIVERED", iso(now() + timedelta(days=2))
    )

    assert [error["field"] for error in refused["userErrors"]] == [["happenedAt"]]
    seen = await sale.shopper(TIMELINE, id=shipment["id"])
    assert seen["shipment"]["events"] == []


async def test_the_shopper_sees_the_timeline_and_strangers_nothing(
    db: Database, ask: Ask, tokens: Tokens, sale: Sale
) -> None:
    shipment = await dispatched(sale)
    of = {"shipmentId": shipment["id"]}
    await sale.report(of, "IN_TRANSIT", "2026-11-20T10:00:00Z", location="Springfield")
    async with db.transaction() as session:
        _, stranger = await make_guest(session, tokens)

    own = await sale.shopper(TIMELINE, id=shipment["id"])
    others = [
        await ask(TIMELINE, id=shipment["id"]),
        await ask.as_(stranger)(TIMELINE, id=shipment["id"]),
    ]

    assert own["shipment"] == {
        "status": "IN_TRANSIT",
        "carrier": {"name": "Parcel-Express", "services": [{"code": "express"}]},
        "events": [
            {
                "status": "IN_TRANSIT",
                "location": "Springfield",
                "happenedAt": "2026-11-20T10:00:00Z",
            }
        ],
    }
    assert others == [{"shipment": None}] * 2


async def test_whoever_knows_the_number_and_the_telephone_follows_the_parcel(
    ask: Ask, sale: Sale
) -> None:
    shipment = await sale.created(1, parcels=[{"trackingNumber": "PX-0007"}])
    await sale.dispatch(shipment)
    of = {"shipmentId": shipment["id"]}
    await sale.report(of, "PICKED_UP", "2026-11-20T10:00:00Z", location="Springfield")

    known = await ask(TRACK, number=" px-0007 ", digits="4321")
    unknown = [
        await ask(TRACK, number="PX-0007", digits="4322"),
        await ask(TRACK, number="PX-0007", digits=""),
        await ask(TRACK, number="PX-0007", digits="321"),
        await ask(TRACK, number="PX-0008", digits="4321"),
        await ask(TRACK, number="%", digits="4321"),
    ]

    assert known["trackShipment"] == {
        "status": "IN_TRANSIT",
        "deliveredAt": None,
        "carrier": {"code": "parcel-express"},
        "events": [{"status": "PICKED_UP", "location": "Springfield"}],
    }
    assert unknown == [{"trackShipment": None}] * 5


async def test_a_parcel_without_a_telephone_is_followed_by_nobody(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        merchant, carrier = await make_merchant(session), await make_carrier(session)
        await make_shipment(session, merchant=merchant, carrier=carrier, phone_digits="")

    answers = [await ask(TRACK, number="PX-000001", digits=each) for each in ("", "0000", "none")]

    assert answers == [{"trackShipment": None}] * 3


async def test_a_list_of_shipments_takes_five_statements_however_long_it_is(
    db: Database, ask: Ask, tokens: Tokens, sale: Sale
) -> None:
    counts = []
    for more in (0, 12):
        async with db.transaction() as session:
            for n in range(more):
                carrier = await make_carrier(session, f"carrier-{n}")
                await make_shipment(session, merchant=sale.stall.merchant, carrier=carrier)
        counts.append(len(await sale.staff.statements(PAGE)))
        if not more:
            await dispatched(sale)

    page = (await sale.staff(PAGE))["shipments"]["nodes"]
    assert len(page) == 13
    assert counts == [1, 5]


async def test_the_list_is_filtered_and_shows_other_merchants_nothing(
    db: Database, sale: Sale
) -> None:
    await dispatched(sale)
    packed = await sale.created(1, parcels=[{"trackingNumber": "PX-0009"}])
    async with db.transaction() as session:
        carrier = await make_carrier(session, "elsewhere")
        await make_shipment(session, merchant=await make_merchant(session), carrier=carrier)
    listed = """query($where: ShipmentWhere) { shipments(where: $where) {
      nodes { number } totalCount { count } } }"""

    found = {
        name: (await sale.staff(listed, where=where))["shipments"]
        for name, where in {
            "all": {},
            "created": {"statuses": ["CREATED"]},
            "numbered": {"trackingNumber": "px-0009"},
            "of the order": {"orders": [sale.order]},
            "of another": {"orders": [encode("order", new_id())]},
        }.items()
    }

    assert {name: each["totalCount"]["count"] for name, each in found.items()} == {
        "all": 2,
        "created": 1,
        "numbered": 1,
        "of the order": 2,
        "of another": 0,
    }
    assert found["numbered"]["nodes"] == [{"number": packed["number"]}]


async def test_everybody_sees_the_carriers(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        for code in ("zeppelin", "alpha-post"):
            await make_carrier(session, code)
        retired = await make_carrier(session, "retired")
        retired.is_active = False

    answer = await ask("{ carriers { nodes { code kind services { code name } } } }")

    assert answer["carriers"]["nodes"] == [
        {
            "code": code,
            "kind": "COURIER",
            "services": [{"code": "express", "name": "Express"}],
        }
        for code in ("alpha-post", "zeppelin")
    ]


async def test_parts_of_a_shipment_are_found_by_their_ids_by_those_who_may_see_it(
    ask: Ask, sale: Sale
) -> None:
    shipment = await dispatched(sale)
    of = {"shipmentId": shipment["id"]}
    await sale.report(of, "PICKED_UP", "2026-11-20T10:00:00Z", idempotencyKey=new_key())
    events = await sale.shopper(
        "query($id: ID!) {shipment(id: $id) {events {id}}}", id=shipment["id"]
    )
    ids = [
        shipment["id"],
        shipment["parcels"][0]["id"],
        events["shipment"]["events"][0]["id"],
    ]
    nodes = "query($ids: [ID!]!) {nodes(ids: $ids) {__typename}}"

    own = await sale.shopper(nodes, ids=ids)
    anonymous = await ask(nodes, ids=ids)

    assert [node["__typename"] for node in own["nodes"]] == ["Shipment", "Parcel", "TrackingEvent"]
    assert anonymous["nodes"] == [None] * 3


async def test_shipments_go_along_when_an_account_takes_a_guests_orders(
    db: Database, ask: Ask, tokens: Tokens, sale: Sale
) -> None:
    shipment = await dispatched(sale)
    shipment_id = decode("shipment", shipment["id"])
    async with db.transaction() as session:
        account = await make_user(session)
        token = await sign_in(session, tokens, account)
        guest_id = (await session.get_one(Shipment, shipment_id)).owner_id

    async with db.transaction() as session:
        await shipments.change_owner(session, from_owner=guest_id, to_owner=account.id)

    seen = await ask.as_(token)(TIMELINE, id=shipment["id"])
    assert seen["shipment"]["status"] == "DISPATCHED"
