"""Money that comes, goes back or does not come is in the audit log."""

import asyncpg
import orjson

from core.db import Database
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import DECLINED, pay
from tests.payments.sandbox_process import Sandbox
from tests.shopping import new_key, place

CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
    userErrors { message } } }"""


async def test_a_payment_that_fails_one_that_works_and_a_refund(
    db: Database, ask: Ask, sandbox: Sandbox, cleaner: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)

    await pay(guest, group, DECLINED)
    payment = await pay(guest, group)
    gone = {"orderId": group["orders"][0]["id"], "idempotencyKey": new_key(), "reason": ""}
    await guest(CANCEL, input=gone)

    rows = await cleaner.fetch(
        "SELECT * FROM audit_entries WHERE object_kind IN ('Payment', 'Refund') ORDER BY id"
    )
    assert [row["action"] for row in rows] == [
        "PAYMENT_FAILED",
        "PAYMENT_CAPTURED",
        "REFUND_REQUESTED",
        "PAYMENT_REFUNDED",
    ]
    failed, captured, requested, refunded = (orjson.loads(row["after"]) for row in rows)
    assert failed["failure_code"]
    assert captured["state"] == "CAPTURED"
    assert captured["amount_minor"] == refunded["amount_minor"] == requested["amount_minor"]
    assert rows[0]["object_id"].hex == payment["id"].removeprefix("payment_")
    assert refunded["payment_id"] == payment["id"].removeprefix("payment_")
