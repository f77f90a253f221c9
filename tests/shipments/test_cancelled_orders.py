"""An order that is cancelled while its parcels are being packed: none of them goes on its way."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from core.identity import Caller, CallerKind, Permission
from core.ids import decode, new_id
from models.outbox import OutboxEvent
from models.shipments import Shipment
from services import orders, shipments
from services.orders import ShippableOrder
from tests.shipments.steps import Sale
from tests.shipments.test_orders_are_told import DeadDoor, dispatch_through, let_time_pass
from tests.shipments.test_ship_an_order import stock_of
from workers import followers
from workers.consumers import Event


class Hasty:
    """The shopper cancels right after the look at the order."""

    mark_shipped = staticmethod(orders.mark_shipped)
    mark_delivered = staticmethod(orders.mark_delivered)

    def __init__(self, sale: Sale) -> None:
        self._sale = sale

    async def shippable(
        self, session: AsyncSession, *, order_id: UUID, merchants: Sequence[UUID] | None
    ) -> ShippableOrder:
        seen = await orders.shippable(session, order_id=order_id, merchants=merchants)
        await cancel_order(session, self._sale)
        return seen


async def cancel_order(session: AsyncSession, sale: Sale) -> None:
    merchants = frozenset({sale.stall.merchant.id})
    seller = Caller(CallerKind.USER, new_id(), grants={Permission.MANAGE_ORDERS: merchants})
    await orders.cancel(session, seller, order_id=sale.order_id, idempotency_key="cancelled")


async def shipment_of(db: Database) -> Shipment:
    async with db.transaction() as session:
        return (await session.scalars(select(Shipment))).one()


async def test_a_dispatch_that_the_order_takes_no_more_is_refused_and_called_back(
    db: Database, sale: Sale
) -> None:
    with pytest.raises(orders.NotAllowedInState):
        await dispatch_through(db, Hasty(sale), sale)

    shipment = await shipment_of(db)
    assert (shipment.status, shipment.tell_after, shipment.version) == ("CANCELLED", None, 3)
    assert (await sale.look())["status"] == "CANCELLED"
    assert await stock_of(db, sale) == (10, 0)
    async with db.transaction() as session:
        about = OutboxEvent.object_id == shipment.id
        last = select(OutboxEvent.facts).where(about).order_by(OutboxEvent.id.desc()).limit(1)
        assert await session.scalar(last) == {"version": 3}


async def test_a_worker_calls_it_back_when_the_server_died_and_does_not_try_for_ever(
    db: Database, sale: Sale
) -> None:
    await dispatch_through(db, DeadDoor(), sale)
    async with db.transaction() as session:
        await cancel_order(session, sale)
    told = []
    for _ in range(2):
        await let_time_pass(db)
        told.append(await shipments.tell_orders(db, orders))

    assert told == [1, 0]
    assert (await shipment_of(db)).status == "CANCELLED"
    assert await stock_of(db, sale) == (10, 0)


async def test_what_the_carrier_has_is_still_followed(db: Database, sale: Sale) -> None:
    shipment_id = await dispatch_through(db, DeadDoor(), sale)
    seen = {"shipmentId": f"shipment_{shipment_id.hex}"}
    await sale.report(seen, "IN_TRANSIT", "2026-11-20T10:00:00Z")
    async with db.transaction() as session:
        await cancel_order(session, sale)
    await let_time_pass(db)

    await shipments.tell_orders(db, orders)
    arrived = await sale.report(seen, "DELIVERED", "2026-11-21T10:00:00Z")

    assert arrived["shipment"]["status"] == "DELIVERED"
    shipment = await shipment_of(db)
    assert (shipment.tell_after, shipment.order_told_at) == (None, None)
    assert (await sale.look())["status"] == "CANCELLED"
    assert await stock_of(db, sale) == (10, 0)


async def test_shipments_that_wait_are_cancelled_with_their_order(db: Database, sale: Sale) -> None:
    waiting, held = await sale.created(1), await sale.created(1)
    await sale.update(held, action="HOLD")
    async with db.transaction() as session:
        await cancel_order(session, sale)
    async with db.transaction() as session:
        kept = select(OutboxEvent).where(OutboxEvent.kind == "OrderCancelled")
        row = (await session.scalars(kept)).one()
    event = Event(1, row.kind, row.object_id, row.facts, row.created_at)

    for _ in range(2):
        await followers.shipments(db)([event])

    async with db.transaction() as session:
        found = await session.scalars(select(Shipment).order_by(Shipment.id))
        states = {each.id: (each.status, each.version) for each in found}
    assert states == {
        decode("shipment", waiting["id"]): ("CANCELLED", 2),
        decode("shipment", held["id"]): ("CANCELLED", 3),
    }
