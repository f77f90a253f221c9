"""Money, a change of mind and the end of time at the same moment: one of them wins, wholly."""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from core.identity import Caller, CallerKind
from models.inventory import StockLevel, StockMovement, StockReservation
from models.orders import Order, OrderGroup
from services import orders
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.shopping import new_key, place


async def nobody(_: Sequence[UUID]) -> set[UUID]:
    """Is paying."""
    return set()


async def settle(db: Database, group_id: UUID) -> None:
    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=3_000)


async def cancel(db: Database, order: Any) -> None:
    caller = Caller(kind=CallerKind.GUEST, subject=order.owner_id)
    async with db.transaction() as session:
        await orders.cancel(session, caller, order_id=order.id, idempotency_key=new_key())


async def expire(db: Database) -> None:
    await orders.expire_due(db, being_paid=nobody)


async def test_whoever_comes_first_no_unit_is_lost_or_sold_twice(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session, stock=20) for _ in range(2)]
    for _ in range(12):
        await place(ask, *stalls)
    async with db.transaction() as session:
        await session.execute(update(OrderGroup).values(expires_at=now() - timedelta(seconds=1)))
        placed = (await session.scalars(select(Order))).all()
    work = [settle(db, group) for group in {order.group_id for order in placed}]
    work += [cancel(db, order) for order in placed]
    work += [expire(db) for _ in range(3)]
    random.shuffle(work)

    outcomes = await asyncio.gather(*work, return_exceptions=True)

    problems = [each for each in outcomes if isinstance(each, Exception)]
    assert {type(each) for each in problems} <= {orders.NotAllowedInState}
    async with db.transaction() as session:
        of_orders = select(Order.status, StockReservation.status, StockReservation.id)
        rows = await session.execute(
            of_orders.join(StockReservation, StockReservation.order_id == Order.id)
        )
        ends = {(order, hold) for order, hold, _ in rows}
        sold = select(func.count()).where(StockReservation.status == "COMMITTED")
        allocated = await session.scalar(sold)
        levels = await session.scalars(select(StockLevel))
        sums = [(each.on_hand, each.reserved, each.allocated) for each in levels]
        moved = await session.execute(
            select(func.sum(StockMovement.reserved_delta), func.sum(StockMovement.allocated_delta))
        )
        ledger = moved.one()
    assert ends <= {
        ("PAID", "COMMITTED"),
        ("PAID", "EXPIRED"),  # its money came late: there is another hold, that was sold
        ("CANCELLED", "RELEASED"),
        ("CANCELLED", "EXPIRED"),
        ("EXPIRED", "EXPIRED"),
    }
    assert [(on_hand, reserved) for on_hand, reserved, _ in sums] == [(20, 0)] * 2
    assert sum(units for *_, units in sums) == allocated == ledger[1]
    assert ledger[0] == 0
