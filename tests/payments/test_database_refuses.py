"""What the database itself does not let happen to money and stock, whatever the code does."""

import pytest
from sqlalchemy import text

from core.db import Database
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import pay
from tests.payments.sandbox_process import Sandbox
from tests.shopping import place


@pytest.mark.parametrize(
    "change",
    [
        "payments SET captured_minor = 1",
        "payments SET attempt_id = NULL",
        "payments SET refunded_minor = captured_minor + 1",
        "payment_allocations SET refunded_minor = amount_minor + 1",
        "payment_transactions SET amount_minor = 0",
        "ledger_entries SET amount_minor = amount_minor * 2",
        "orders SET shipping_minor = -1, subtotal_minor = total_minor + 1",
        "orders SET discount_minor = -1, total_minor = total_minor + 1",
        "checkout_deliveries SET price_minor = -1",
        "stock_levels SET allocated = on_hand + 1",
        "stock_reservations SET order_id = NULL",
    ],
)
async def test_what_can_not_be(db: Database, ask: Ask, sandbox: Sandbox, change: str) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    await pay(guest, group)

    with pytest.raises(Exception, match=r"constraint|are never changed"):
        async with db.transaction() as session:
            await session.execute(text(f"UPDATE {change}"))
