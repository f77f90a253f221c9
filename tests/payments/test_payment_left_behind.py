"""What can't be finished is not forgotten, is not done twice, and holds up nothing else."""

from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update

from core.db import Database
from core.ids import new_id
from models.inventory import StockLevel
from models.orders import OrderGroup
from models.payments import Payment, Refund
from services import payments
from services.payments.sweeping import BATCH
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    PAYMENT_WINDOW,
    charges,
    check_books,
    inside,
    pay,
    sweep,
    time_passes,
)
from tests.payments.sandbox_process import Sandbox
from tests.payments.test_payment_refunds import REFUNDS, cancel, refund_of
from tests.shopping import place


async def capture(db: Database, group_id: UUID) -> None:
    """The provider took the money, and the process died."""
    async with db.transaction() as session:
        group = await session.get_one(OrderGroup, group_id)
        row = {
            "id": new_id(),
            "order_group_id": group_id,
            "owner_id": group.owner_id,
            "method": "CARD",
            "provider": "card",
            "status": "CAPTURED",
            "currency": "USD",
            "amount_minor": group.total_minor,
            "captured_minor": group.total_minor,
            "attempt_id": new_id(),
        }
        await session.execute(insert(Payment).values(row))


async def test_money_that_can_not_be_settled_does_not_hold_up_the_rest(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        broken, sound = [await make_stall(session, stock=50) for _ in range(2)]
    for stall in [broken] * BATCH + [sound]:
        _, group = await place(ask, stall)
        await capture(db, inside(group["id"]))
    async with db.transaction() as session:
        lost = StockLevel.variant_id == broken.variant.id
        await session.execute(update(StockLevel).where(lost).values(reserved=0))
    await time_passes(db)

    swept = [await payments.sweep(db, {}, payment_window=PAYMENT_WINDOW) for _ in range(2)]

    assert swept == [0, 1]
    async with db.transaction() as session:
        last = await session.get_one(OrderGroup, inside(group["id"]))
        assert last.status == "PAID"
        unsettled = select(Payment.id).where(Payment.settled_at.is_(None))
        assert len((await session.scalars(unsettled)).all()) == BATCH
        assert await session.scalar(text("SELECT count(*) FROM refunds")) == 0


async def test_a_refund_is_not_repeated_when_its_provider_may_have_forgotten_the_key(
    db: Database, ask: Ask, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    await pay(guest, group)
    await sandbox.spoil("unavailable", path=REFUNDS)
    await cancel(guest, group["orders"][0])
    async with db.transaction() as session:
        await session.execute(
            update(Refund).values(created_at=func.now() - text("'1 day'::interval"))
        )
    await time_passes(db)

    swept = [await sweep(db, sandbox) for _ in range(2)]

    assert swept == [1, 0]
    assert "refund left to staff" in caplog.text
    assert (await refund_of(db)).status == "REQUESTED"
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [0]
    await check_books(db)
