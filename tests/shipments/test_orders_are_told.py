"""A server that dies between the shipment's transaction and the order's: a worker goes on."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.identity import Caller, CallerKind, Permission
from core.ids import decode, new_id
from models.shipments import Shipment
from services import orders, shipments
from services.orders import ShippableOrder
from tests.shipments.steps import Sale
from tests.shipments.test_ship_an_order import stock_of


class DeadDoor:
    """Orders can be asked, but not told any more."""

    async def shippable(
        self, session: AsyncSession, *, order_id: UUID, merchants: Sequence[UUID] | None
    ) -> ShippableOrder:
        return await orders.shippable(session, order_id=order_id, merchants=merchants)

    async def mark_shipped(
        self,
        session: AsyncSession,
        *,
        order_id: UUID,
        shipment_id: UUID,
        lines: Mapping[UUID, int],
        actor_id: UUID | None,
    ) -> None:
        raise ConnectionResetError("the server is gone")

    async def mark_delivered(
        self, session: AsyncSession, *, order_id: UUID, shipment_id: UUID, is_last: bool
    ) -> None:
        raise ConnectionResetError("the server is gone")


async def dispatch_through(db: Database, door: shipments.OrdersDoor, sale: Sale) -> UUID:
    shipment_id = decode("shipment", (await sale.created(2))["id"])
    assert shipment_id is not None
    caller = Caller(
        CallerKind.USER,
        new_id(),
        grants={Permission.MANAGE_SHIPMENTS: frozenset({sale.stall.merchant.id})},
    )
    await shipments.dispatch(db, door, caller, shipment_id=shipment_id, idempotency_key="the key")
    return shipment_id


async def let_time_pass(db: Database) -> None:
    async with db.transaction() as session:
        later = update(Shipment).where(Shipment.tell_after.is_not(None))
        await session.execute(later.values(tell_after=now() - timedelta(seconds=1)))


async def test_a_worker_tells_the_order_what_a_dead_server_did_not(
    db: Database, sale: Sale
) -> None:
    await dispatch_through(db, DeadDoor(), sale)
    untold = await sale.look()
    too_early = await shipments.tell_orders(db, orders)
    await let_time_pass(db)

    told = await shipments.tell_orders(db, orders)
    again = await shipments.tell_orders(db, orders)

    assert untold["status"] == "PAID"
    assert (too_early, told, again) == (0, 1, 0)
    order = await sale.look()
    assert order["status"] == "PARTIALLY_SHIPPED"
    assert order["lines"][0]["quantityShipped"] == 2
    assert await stock_of(db, sale) == (8, 1)


async def test_an_order_that_was_told_is_not_told_twice(db: Database, sale: Sale) -> None:
    await sale.dispatch(await sale.created(2))
    async with db.transaction() as session:
        forgotten = update(Shipment).values(order_told_at=None, tell_after=now())
        await session.execute(forgotten)

    told = await shipments.tell_orders(db, orders)

    assert told == 1
    assert (await sale.look())["lines"][0]["quantityShipped"] == 2
    assert await stock_of(db, sale) == (8, 1)


async def test_what_fails_is_tried_again_later_and_does_not_block_the_others(
    db: Database, sale: Sale
) -> None:
    await dispatch_through(db, DeadDoor(), sale)
    await let_time_pass(db)

    failed = await shipments.tell_orders(db, DeadDoor())
    at_once = await shipments.tell_orders(db, orders)
    await let_time_pass(db)
    later = await shipments.tell_orders(db, orders)

    assert (failed, at_once, later) == (1, 0, 1)
    assert (await sale.look())["status"] == "PARTIALLY_SHIPPED"


async def test_the_dispatch_and_the_arrival_are_told_in_this_order(
    db: Database, sale: Sale
) -> None:
    await sale.dispatch(await sale.created(1))
    shipment_id = await dispatch_through(db, DeadDoor(), sale)
    async with db.transaction() as session:
        arrived = update(Shipment).values(status="DELIVERED", delivered_at=now())
        await session.execute(arrived)
    await let_time_pass(db)

    await shipments.tell_orders(db, orders)

    order = await sale.look()
    assert order["status"] == "DELIVERED"
    assert [event["kind"] for event in order["events"]][-2:] == ["SHIPPED", "DELIVERED"]
    async with db.transaction() as session:
        row = await session.get_one(Shipment, shipment_id)
        assert row.tell_after is None
        assert row.delivery_told_at is not None
