"""From a paid order to a delivered one: parcels, stock, the order's state."""

from core.db import Database
from core.identity import Caller, CallerKind, Permission
from core.ids import new_id
from models.inventory import StockLevel
from services import orders
from tests.shipments.steps import Sale


async def stock_of(db: Database, sale: Sale) -> tuple[int, int]:
    """(on hand, allocated) of the sold variant."""
    async with db.transaction() as session:
        key = sale.stall.warehouse.id, sale.stall.variant.id
        level = await session.get_one(StockLevel, key)
        return level.on_hand, level.allocated


async def test_an_order_is_sent_and_arrives(db: Database, sale: Sale) -> None:
    shipment = await sale.created(3, parcels=[{"trackingNumber": "px 1000-01"}])

    dispatched = await sale.dispatch(shipment)
    of = {"parcel": {"carrierCode": "parcel-express", "trackingNumber": "PX1000-01"}}
    moving = await sale.report(of, "IN_TRANSIT", "2026-11-20T10:00:00Z", location="Springfield")
    arrived = await sale.report(of, "DELIVERED", "2026-11-21T10:00:00Z")

    assert shipment["status"] == "CREATED"
    assert shipment["parcels"][0]["trackingNumber"] == "PX1000-01"
    assert shipment["parcels"][0]["trackingUrl"].endswith("?number=PX1000-01")
    assert dispatched["shipment"]["status"] == "DISPATCHED"
    assert moving["shipment"]["status"] == "IN_TRANSIT"
    assert arrived["shipment"]["status"] == "DELIVERED"
    assert arrived["shipment"]["deliveredAt"] == "2026-11-21T10:00:00Z"
    order = await sale.look()
    assert order["status"] == "DELIVERED"
    assert order["lines"][0]["quantityShipped"] == 3
    assert [event["kind"] for event in order["events"]] == [
        "PLACED",
        "PAID",
        "SHIPPED",
        "DELIVERED",
    ]
    assert await stock_of(db, sale) == (7, 0)


async def test_parts_of_an_order_are_sent_one_after_the_other(db: Database, sale: Sale) -> None:
    first = await sale.created(1)
    await sale.dispatch(first)
    after_first = await sale.look()
    await sale.report({"shipmentId": first["id"]}, "DELIVERED", "2026-11-20T10:00:00Z")
    waiting = await sale.look()
    second = await sale.created(2)
    await sale.dispatch(second)
    after_second = await sale.look()

    await sale.report({"shipmentId": second["id"]}, "DELIVERED", "2026-11-21T10:00:00Z")

    assert (after_first["status"], after_first["lines"][0]["quantityShipped"]) == (
        "PARTIALLY_SHIPPED",
        1,
    )
    assert waiting["status"] == "PARTIALLY_SHIPPED"
    assert (after_second["status"], after_second["lines"][0]["quantityShipped"]) == ("SHIPPED", 3)
    assert (await sale.look())["status"] == "DELIVERED"
    assert await stock_of(db, sale) == (7, 0)


async def test_an_order_is_delivered_when_its_last_shipment_is(sale: Sale) -> None:
    shipments = [await sale.created(1), await sale.created(2)]
    for shipment in shipments:
        await sale.dispatch(shipment)

    await sale.report({"shipmentId": shipments[1]["id"]}, "DELIVERED", "2026-11-20T10:00:00Z")
    between = await sale.look()
    await sale.report({"shipmentId": shipments[0]["id"]}, "DELIVERED", "2026-11-19T10:00:00Z")

    assert between["status"] == "SHIPPED"
    assert (await sale.look())["status"] == "DELIVERED"


async def test_a_repeated_dispatch_ships_once(db: Database, sale: Sale) -> None:
    shipment = await sale.created(2)
    once = await sale.dispatch(shipment, "the key")

    again = await sale.dispatch(shipment, "the key")
    another_time = await sale.dispatch(shipment)

    assert again == once
    assert [error["code"] for error in another_time["userErrors"]] == ["NOT_ALLOWED_IN_STATE"]
    assert (await sale.look())["lines"][0]["quantityShipped"] == 2
    assert await stock_of(db, sale) == (8, 1)


async def test_a_dispatch_with_the_key_of_another_is_refused(db: Database, sale: Sale) -> None:
    first, second = await sale.created(1), await sale.created(1)
    await sale.dispatch(first, "the key")

    refused = await sale.dispatch(second, "the key")

    assert [error["code"] for error in refused["userErrors"]] == ["IDEMPOTENCY_CONFLICT"]
    assert await stock_of(db, sale) == (9, 2)


async def test_a_repeated_creation_gives_the_same_shipment_even_after_everything_is_sent(
    sale: Sale,
) -> None:
    shipment = await sale.created(3, idempotencyKey="the key")
    await sale.dispatch(shipment)

    again = await sale.created(3, idempotencyKey="the key")

    assert (again["id"], again["status"]) == (shipment["id"], "DISPATCHED")


async def test_nothing_leaves_for_an_order_that_was_cancelled_meanwhile(
    db: Database, sale: Sale
) -> None:
    shipment = await sale.created(3)
    seller = Caller(
        CallerKind.USER,
        new_id(),
        grants={Permission.MANAGE_ORDERS: frozenset({sale.stall.merchant.id})},
    )
    async with db.transaction() as session:
        await orders.cancel(session, seller, order_id=sale.order_id, idempotency_key="cancelled")

    refused = await sale.dispatch(shipment)

    assert refused["shipment"] is None
    assert [error["code"] for error in refused["userErrors"]] == ["NOT_ALLOWED_IN_STATE"]
    assert await stock_of(db, sale) == (10, 0)
    seen = await sale.staff("query($id: ID!) {shipment(id: $id) {status}}", id=shipment["id"])
    assert seen == {"shipment": {"status": "CREATED"}}
