"""Paying a purchase by card: taken, declined, and with the bank's question."""

from core.db import Database
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    DECLINED,
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    attempts_of,
    charges,
    check_books,
    confirm,
    counts,
    pay,
    statuses,
    stock,
    try_to_pay,
)
from tests.payments.sandbox_process import Sandbox
from tests.shopping import place


async def test_a_card_pays_the_orders_of_all_merchants(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session, price_minor=price) for price in (1_999, 3_001)]
    guest, group = await place(ask, *stalls, quantity=2)

    payment = await pay(guest, group)

    amount = {"amount": "110.00", "currency": "USD"}
    assert payment == {
        "id": payment["id"],
        "status": "CAPTURED",
        "method": "CARD",
        "provider": "card",
        "amount": amount,
        "captured": {"amount": "110.00"},
        "refunded": {"amount": "0.00"},
        "orderGroup": {"status": "PAID"},
        "transactions": [{"kind": "CAPTURE", "amount": {"amount": "110.00"}}],
        "nextAction": None,
        "lastFailure": None,
    }
    assert await statuses(db) == (["PAID"], ["PAID", "PAID"])
    assert await stock(db) == [(10, 0, 2), (10, 0, 2)]
    assert [each["amount"] for each in await charges(db, sandbox)] == [11_000]
    assert (await counts(db))["ledger_entries"] == 3
    await check_books(db)


async def test_after_a_decline_the_same_payment_is_tried_again(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)

    declined = await pay(guest, group, DECLINED)
    held = await stock(db)
    paid = await pay(guest, group)

    assert declined["status"] == "FAILED"
    assert declined["lastFailure"] == {"code": "DECLINED", "message": "The card was declined."}
    assert declined["orderGroup"] == {"status": "PENDING_PAYMENT"}
    assert held == [(10, 1, 0)]
    assert paid["id"] == declined["id"]
    assert (paid["status"], paid["lastFailure"]) == ("CAPTURED", None)
    assert paid["orderGroup"] == {"status": "PAID"}
    assert [each.state for each in await attempts_of(db, paid)] == ["FAILED", "CAPTURED"]
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_the_bank_asks_its_customer_before_the_money_is_taken(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)

    asked = await pay(guest, group, THREE_D_SECURE)
    unchanged = await confirm(guest, asked)
    await answer_the_bank(sandbox, asked)
    paid = await confirm(guest, asked)

    assert asked["status"] == unchanged["status"] == "ACTION_REQUIRED"
    assert asked["nextAction"] == unchanged["nextAction"]
    assert asked["nextAction"]["redirectUrl"].startswith(sandbox.url)
    assert asked["nextAction"]["clientSecret"]
    assert asked["orderGroup"] == {"status": "PENDING_PAYMENT"}
    assert (paid["status"], paid["nextAction"]) == ("CAPTURED", None)
    assert paid["orderGroup"] == {"status": "PAID"}
    await check_books(db)


async def test_confirming_what_is_paid_changes_nothing(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    paid = await pay(guest, group)
    before = await counts(db)

    again = [await confirm(guest, paid) for _ in range(3)]

    assert again == [paid] * 3
    assert await counts(db) == before


async def test_who_fails_the_banks_question_may_try_another_card(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)

    asked = await pay(guest, group, THREE_D_SECURE)
    await answer_the_bank(sandbox, asked, "fail")
    failed = await confirm(guest, asked)
    paid = await pay(guest, group)

    assert failed["status"] == "FAILED"
    assert failed["lastFailure"]["code"] == "AUTHENTICATION_FAILED"
    assert failed["nextAction"] is None
    assert paid["status"] == "CAPTURED"
    await check_books(db)


async def test_a_new_try_gives_up_the_one_that_waits_for_the_bank(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    asked = await pay(guest, group, THREE_D_SECURE)

    paid = await pay(guest, group)
    await answer_the_bank(sandbox, asked)  # too late: the page is no longer valid

    assert (paid["id"], paid["status"]) == (asked["id"], "CAPTURED")
    assert [each.state for each in await attempts_of(db, paid)] == ["CANCELLED", "CAPTURED"]
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_a_try_that_was_paid_meanwhile_is_not_paid_again(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    asked = await pay(guest, group, THREE_D_SECURE)
    await answer_the_bank(sandbox, asked)  # and we have not heard of it yet

    refused = await try_to_pay(guest, group)

    assert refused["payment"] is None
    assert [each["state"] for each in refused["userErrors"]] == ["PAID"]
    assert (await guest(PAYMENT, id=asked["id"]))["payment"]["status"] == "CAPTURED"
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)
