"""Unpaid purchases end with their time, whatever the others are waiting for."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from core.clock import now
from core.db import Database
from models.orders import OrderGroup
from services import orders
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.shopping import place


async def test_purchases_that_are_being_paid_do_not_keep_the_others_from_ending(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    for age in range(5, 0, -1):
        await place(ask, stall)
        async with db.transaction() as session:
            over = update(OrderGroup).where(OrderGroup.expires_at > now())
            await session.execute(over.values(expires_at=now() - timedelta(minutes=age)))
    async with db.transaction() as session:
        groups = (await session.scalars(select(OrderGroup.id).order_by(OrderGroup.id))).all()
    asked: list[UUID] = []

    async def being_paid(some: Sequence[UUID]) -> set[UUID]:
        asked.extend(some)
        return {*groups[:4]} & {*some}

    ended = [await orders.expire_due(db, being_paid=being_paid, size=2) for _ in range(2)]

    assert ended == [1, 0]
    assert asked == [*groups, *groups[:4]]
    async with db.transaction() as session:
        ended_one = select(OrderGroup.id).where(OrderGroup.status == "EXPIRED")
        assert (await session.scalars(ended_one)).all() == [groups[4]]
