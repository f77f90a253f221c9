"""Everybody hears of the same money at the same time: callbacks, the shopper, the sweepers."""

import asyncio

import pytest
from sqlalchemy import select

from core.db import Database
from models.payments import Refund
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    attempts_of,
    charges,
    check_books,
    confirm,
    counts,
    handled,
    pay,
    statuses,
    stock,
    sweep,
    time_passes,
)
from tests.payments.sandbox_process import Sandbox
from tests.shopping import new_key, place

CANCEL = (
    "mutation($input: OrderCancelInput!) { orderCancel(input: $input) { userErrors { code } } }"
)


async def deliver_all(sandbox: Sandbox, reference: str | None, *, copies: int) -> None:
    """Every event about an object, each several times, all at once."""
    told = await sandbox.control("GET", "webhooks")
    events = [each["event"] for each in told if each["object"] == reference]
    sent = [
        sandbox.control("POST", "webhooks/send", event=event, copies=copies, at_once=True)
        for event in events
    ]
    for answers in await asyncio.gather(*sent):
        assert {*answers} == {200}


async def test_money_is_booked_once_whoever_hears_of_it(
    db: Database, ask: Ask, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    guest, group = await place(ask, *stalls)
    payment = await pay(guest, group, THREE_D_SECURE)
    await answer_the_bank(sandbox, payment)
    reference = (await attempts_of(db, payment))[0].provider_reference
    await time_passes(db)

    await asyncio.gather(
        deliver_all(sandbox, reference, copies=4),
        *[confirm(guest, payment) for _ in range(4)],
        *[sweep(db, sandbox) for _ in range(3)],
    )
    await handled(db)

    rows = await counts(db)
    assert (rows["payment_transactions"], rows["ledger_entries"]) == (1, 3)
    assert await statuses(db) == (["PAID"], ["PAID", "PAID"])
    assert await stock(db) == [(10, 0, 1)] * 2
    assert len(await charges(db, sandbox)) == 1
    assert "left for later" not in caplog.text  # no deadlock, no sweeper that failed
    await check_books(db)


async def test_money_goes_back_once_whoever_hears_of_it(
    db: Database, ask: Ask, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    guest, group = await place(ask, *stalls)
    payment = await pay(guest, group)
    await sandbox.spoil("hang", path="/v1/refunds", times=2)
    orders = [{"orderId": each["id"], "idempotencyKey": new_key()} for each in group["orders"]]
    await asyncio.gather(*[guest(CANCEL, input=each) for each in orders])
    async with db.transaction() as session:
        unknown = (await session.scalars(select(Refund.status))).all()
    told = await sandbox.control("GET", "webhooks")
    references = {each["object"] for each in told if each["object"].startswith("re_")}
    await time_passes(db)

    await asyncio.gather(
        *[deliver_all(sandbox, each, copies=3) for each in references],
        *[guest(CANCEL, input=each) for each in orders],
        *[sweep(db, sandbox) for _ in range(3)],
    )
    await handled(db)

    assert unknown == ["REQUESTED", "REQUESTED"]
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [3_000]
    rows = await counts(db)
    assert (rows["refunds"], rows["payment_transactions"], rows["ledger_entries"]) == (2, 3, 7)
    assert "left for later" not in caplog.text  # no deadlock, no sweeper that failed
    await check_books(db)
