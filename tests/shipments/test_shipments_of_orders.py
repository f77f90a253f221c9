"""Shipments where their orders are shown."""

from auth.tokens import Tokens
from core.db import Database
from core.ids import decode
from tests.asking import Ask
from tests.factories.accounts import make_staff, sign_in
from tests.factories.shipments import make_carrier, make_shipment
from tests.factories.shops import make_stall
from tests.shipments.steps import Sale
from tests.shopping import place

ORDERS = """{ orders { nodes { number shipments {
  number status carrier { code } lines { orderLineId quantity }
  parcels { trackingNumber trackingUrl } events { status happenedAt } } } } }"""
OWN = """query($id: ID!) { order(by: {id: $id}) { shipments {
  number order { number } lines { quantity orderLine { sku } } } } }"""


async def test_the_shopper_finds_the_parcels_at_the_order(sale: Sale) -> None:
    shipment = await sale.created(2)

    seen = await sale.shopper(OWN, id=sale.order)

    (found,) = seen["order"]["shipments"]
    assert found["number"] == shipment["number"]
    assert found["order"]["number"]
    assert found["lines"] == [{"quantity": 2, "orderLine": {"sku": sale.stall.variant.sku}}]


async def test_orders_with_all_their_parcels_take_six_statements_however_many_there_are(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=50)
        carrier = await make_carrier(session)
        user = await make_staff(session, stall.merchant, "MANAGE_ORDERS")
        staff = ask.as_(await sign_in(session, tokens, user))

    counts = []
    for more in (1, 4):
        for _ in range(more):
            _, group = await place(ask, stall)
            order_id = decode("order", group["orders"][0]["id"])
            async with db.transaction() as session:
                for _ in range(2):
                    await make_shipment(
                        session, merchant=stall.merchant, carrier=carrier, order_id=order_id
                    )
        counts.append(len(await staff.statements(ORDERS)))

    assert counts == [6, 6]
    orders = (await staff(ORDERS))["orders"]["nodes"]
    assert [len(order["shipments"]) for order in orders] == [2] * 5
    assert all(len(each["parcels"]) == 1 for order in orders for each in order["shipments"])
