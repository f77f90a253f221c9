"""What a dead process, a silent provider or a slow shopper leaves, the sweeper finishes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from core.db import Database
from models.inventory import StockLevel
from models.orders import OrderGroup
from models.payments import Payment, PaymentAttempt
from services import orders, payments
from services.payments import ProviderAnswer, attempts
from tests.asking import Ask
from tests.factories.shops import Stall, make_stall
from tests.payments.paying import (
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    attempts_of,
    charges,
    check_books,
    confirm,
    counts,
    inside,
    pay,
    statuses,
    stock,
    sweep,
    time_passes,
    try_to_pay,
)
from tests.payments.sandbox_process import Sandbox
from tests.shopping import place

INTENTS = "/v1/payment_intents"


async def unpaid(db: Database, ask: Ask) -> tuple[Ask, dict[str, Any], Stall]:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    return guest, group, stall


async def ages(db: Database, age: timedelta) -> None:
    """All attempts began this long ago, and are due."""
    async with db.transaction() as session:
        await session.execute(update(PaymentAttempt).values(created_at=func.now() - age))
    await time_passes(db)


async def expire(db: Database) -> int:
    """The purchase's time is over; whoever asks is told that nobody is paying."""

    async def nobody_is_paying(_: Any) -> set[Any]:
        return set()

    async with db.transaction() as session:
        over = func.now() - text("interval '1 second'")
        await session.execute(update(OrderGroup).values(expires_at=over))
    return await orders.expire_due(db, being_paid=nobody_is_paying)


@pytest.mark.parametrize(
    "fault", ["hang", "half_body", "not_json", "server_error_after_commit", "unavailable"]
)
async def test_an_answer_that_was_lost_is_found_again_and_charged_once(
    db: Database, ask: Ask, sandbox: Sandbox, fault: str
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil(fault, path=INTENTS)

    unknown = await pay(guest, group)
    refused = await try_to_pay(guest, group)
    early = await sweep(db, sandbox)
    await time_passes(db)
    done = await sweep(db, sandbox)

    assert (unknown["status"], unknown["orderGroup"]["status"]) == ("PENDING", "PENDING_PAYMENT")
    assert [each["__typename"] for each in refused["userErrors"]] == ["PaymentInProgress"]
    assert refused["userErrors"][0]["payment"] == {"id": unknown["id"], "status": "PENDING"}
    assert (early, done) == (0, 1)
    paid = (await guest(PAYMENT, id=unknown["id"]))["payment"]
    assert (paid["status"], paid["orderGroup"]["status"]) == ("CAPTURED", "PAID")
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_the_shopper_may_ask_before_the_sweeper_does(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("hang", path=INTENTS)

    unknown = await pay(guest, group)
    paid = await confirm(guest, unknown)

    assert (unknown["status"], paid["status"]) == ("PENDING", "CAPTURED")
    assert len(await charges(db, sandbox)) == 1


async def test_what_the_provider_never_made_is_given_up_and_can_be_tried_again(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("server_error", path=INTENTS)  # which uses the key up
    unknown = await pay(guest, group)

    await time_passes(db)
    await sweep(db, sandbox)
    still = (await guest(PAYMENT, id=unknown["id"]))["payment"]
    await ages(db, timedelta(minutes=6))
    await sweep(db, sandbox)
    failed = (await guest(PAYMENT, id=unknown["id"]))["payment"]
    paid = await pay(guest, group)

    assert (unknown["status"], still["status"]) == ("PENDING", "PENDING")
    assert (failed["status"], failed["lastFailure"]["code"]) == ("FAILED", "PROCESSING_ERROR")
    assert (paid["id"], paid["status"]) == (failed["id"], "CAPTURED")
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_a_provider_that_stays_silent_is_asked_less_and_less_often(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("hang", path=INTENTS)
    await pay(guest, group)
    await sandbox.spoil("unavailable", method="GET", path=INTENTS, times=2)
    waits: list[float] = []

    for age in (timedelta(seconds=10), timedelta(hours=2)):
        await ages(db, age)
        await sweep(db, sandbox)
        async with db.transaction() as session:
            wait = func.extract("epoch", PaymentAttempt.check_at - func.now())
            waits.append(float(await session.scalar(select(wait)) or 0))

    assert 8 < waits[0] < 12
    assert 290 < waits[1] <= 300


async def test_sweepers_at_the_same_time_charge_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("unavailable", path=INTENTS)
    payment = await pay(guest, group)
    await time_passes(db)

    done = await asyncio.gather(*[sweep(db, sandbox) for _ in range(4)])

    assert sum(done) == 1
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "CAPTURED"
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_money_that_the_orders_have_not_heard_of_is_settled(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("hang", path=INTENTS)
    payment = await pay(guest, group)
    attempt = (await attempts_of(db, payment))[0]
    answer = await ask_provider(sandbox, attempt)
    async with db.transaction() as session:
        await attempts.apply(session, attempt_id=attempt.id, answer=answer)  # and dies
    unsettled = await statuses(db)
    paying = await payments.being_paid(db, [inside(group["id"])])

    fresh = await sweep(db, sandbox)
    await time_passes(db)
    done = [await sweep(db, sandbox) for _ in range(2)]

    assert unsettled == (["PENDING_PAYMENT"], ["PENDING_PAYMENT"])
    assert paying == {inside(group["id"])}
    assert (fresh, done) == (0, [1, 0])
    assert await statuses(db) == (["PAID"], ["PAID"])
    assert await payments.being_paid(db, [inside(group["id"])]) == set()
    await check_books(db)


async def ask_provider(sandbox: Sandbox, attempt: Any) -> ProviderAnswer:
    provider = sandbox.provider()
    inquiry = payments.Inquiry(attempt.id, attempt.created_at, attempt.provider_reference)
    answer = await provider.inquire(inquiry)
    await provider.aclose()
    assert answer is not None
    return answer


async def test_a_purchase_keeps_its_stock_while_its_payment_is_undecided(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    await pay(guest, group, THREE_D_SECURE)
    async with db.transaction() as session:
        over = func.now() - text("interval '1 second'")
        await session.execute(update(OrderGroup).values(expires_at=over))

    async def being_paid(groups: Any) -> set[Any]:
        return await payments.being_paid(db, groups)

    ended = await orders.expire_due(db, being_paid=being_paid)

    assert ended == 0
    assert await stock(db) == [(10, 1, 0)]


async def test_a_shopper_who_never_answers_the_bank_loses_the_hold(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    asked = await pay(guest, group, THREE_D_SECURE)

    await ages(db, timedelta(minutes=29))
    await sweep(db, sandbox)
    waiting = (await guest(PAYMENT, id=asked["id"]))["payment"]["status"]
    await ages(db, timedelta(minutes=31))
    await sweep(db, sandbox)
    given_up = (await guest(PAYMENT, id=asked["id"]))["payment"]
    page = await sandbox.http.get(asked["nextAction"]["redirectUrl"])

    assert waiting == "ACTION_REQUIRED"
    assert (given_up["status"], given_up["nextAction"]) == ("VOIDED", None)
    assert given_up["transactions"] == [{"kind": "VOID", "amount": {"amount": "15.00"}}]
    assert page.status_code != 200
    assert await payments.being_paid(db, [inside(group["id"])]) == set()
    assert (await counts(db))["ledger_entries"] == 0


async def test_a_late_payment_is_honoured_while_the_goods_are_there(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    asked = await pay(guest, group, THREE_D_SECURE)
    ended = await expire(db)
    freed = await stock(db)

    await answer_the_bank(sandbox, asked)
    paid = await confirm(guest, asked)

    assert (ended, freed) == (1, [(10, 0, 0)])
    assert (paid["status"], paid["orderGroup"]["status"]) == ("CAPTURED", "PAID")
    assert await stock(db) == [(10, 0, 1)]
    await check_books(db)


async def test_a_late_payment_is_given_back_when_the_goods_are_gone(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await unpaid(db, ask)
    asked = await pay(guest, group, THREE_D_SECURE)
    await expire(db)
    async with db.transaction() as session:
        await session.execute(update(StockLevel).values(on_hand=0))

    await answer_the_bank(sandbox, asked)
    given_back = await confirm(guest, asked)

    amount = {"amount": "15.00"}
    assert (given_back["status"], given_back["refunded"]) == ("REFUNDED", amount)
    assert [each["kind"] for each in given_back["transactions"]] == ["CAPTURE", "REFUND"]
    assert (await statuses(db))[0] != ["PAID"]
    assert await stock(db) == [(0, 0, 0)]
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    await check_books(db)


async def test_the_same_purchase_paid_twice_is_given_back_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    """The bank let the first try through after all, when the second one had paid already."""
    guest, group, _ = await unpaid(db, ask)
    await sandbox.spoil("server_error", path=INTENTS)
    unknown = await pay(guest, group)
    await ages(db, timedelta(minutes=6))
    await sweep(db, sandbox)  # gives the first try up
    paid = await pay(guest, group)
    first = (await attempts_of(db, unknown))[0]
    provider = sandbox.provider()
    late = await provider.authorize(
        attempts.Attempt(*[getattr(first, name) for name in attempts.Attempt._fields]).request,
        idempotency_key="another key",
    )
    await provider.aclose()

    async with db.transaction() as session:
        await attempts.apply(session, attempt_id=first.id, answer=late)
    await check_books(db)
    await time_passes(db)
    done = [await sweep(db, sandbox) for _ in range(2)]

    assert done == [1, 0]
    taken = await charges(db, sandbox)
    assert sorted(each["amount_refunded"] for each in taken) == [0, 1_500]
    again = (await guest(PAYMENT, id=paid["id"]))["payment"]
    assert (again["status"], again["refunded"]) == ("CAPTURED", {"amount": "0.00"})
    async with db.transaction() as session:
        assert await session.scalar(select(Payment.captured_minor)) == 1_500
    assert await statuses(db) == (["PAID"], ["PAID"])
    await check_books(db)
