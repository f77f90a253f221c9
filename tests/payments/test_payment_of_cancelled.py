"""A purchase that is cancelled while its payment is under way: no money stays, little is taken."""

from core.db import Database
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    charges,
    check_books,
    confirm,
    counts,
    pay,
    statuses,
    stock,
    sweep,
    time_passes,
)
from tests.payments.sandbox_process import Sandbox
from tests.payments.test_payment_refunds import cancel, cancel_and_die
from tests.shopping import place

INTENTS = "/v1/payment_intents"


async def test_the_banks_question_is_withdrawn(db: Database, ask: Ask, sandbox: Sandbox) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    asked = await pay(guest, group, THREE_D_SECURE)

    cancelled = await cancel(guest, group["orders"][0])

    page = await sandbox.http.get(asked["nextAction"]["redirectUrl"])
    payment = (await guest(PAYMENT, id=asked["id"]))["payment"]
    assert cancelled["status"] == "CANCELLED"
    assert (payment["status"], payment["nextAction"]) == ("VOIDED", None)
    assert page.status_code != 200
    assert await charges(db, sandbox) == []
    assert (await counts(db))["refunds"] == 0


async def test_money_that_comes_afterwards_goes_back_whole(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    asked = await pay(guest, group, THREE_D_SECURE)
    await cancel_and_die(db, group)

    await answer_the_bank(sandbox, asked)
    paid = await confirm(guest, asked)

    assert paid["status"] == "REFUNDED"
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    assert await statuses(db) == (["CANCELLED"], ["CANCELLED"])
    assert await stock(db) == [(10, 0, 0)]
    await check_books(db)


async def test_an_answer_that_was_lost_is_found_and_its_money_goes_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    await sandbox.spoil("hang", path=INTENTS)
    payment = await pay(guest, group)

    cancelled = await cancel(guest, group["orders"][0])
    await time_passes(db)
    await sweep(db, sandbox)

    assert (payment["status"], cancelled["status"]) == ("PENDING", "CANCELLED")
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    assert await stock(db) == [(10, 0, 0)]
    await check_books(db)
