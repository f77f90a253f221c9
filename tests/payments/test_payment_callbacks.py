"""Callbacks of the provider: signed, early, late, twenty times, out of order, and untrue."""

import json
import logging
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.db import Database
from core.ids import new_id
from integrations.payments.sandbox.webhooks import signature
from models.payments import PaymentTransaction, ProviderEvent
from services.payments import PaymentState, ProviderAnswer, attempts
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    DECLINED,
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    attempts_of,
    check_books,
    counts,
    handled,
    inside,
    pay,
    statuses,
    sweep,
    time_passes,
)
from tests.payments.sandbox_process import WEBHOOK_SECRET, Sandbox
from tests.shopping import place

PATH = "/webhooks/card"


async def asked(db: Database, ask: Ask) -> tuple[Ask, dict[str, Any], str]:
    """A payment that waits for the bank: who pays, the payment, the provider's id of it."""
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    payment = await pay(guest, group, THREE_D_SECURE)
    reference = (await attempts_of(db, payment))[0].provider_reference
    return guest, payment, reference


async def events_about(sandbox: Sandbox, reference: str) -> dict[str, str]:
    """What the provider has to say of a payment: kind of event -> its id."""
    told = await sandbox.control("GET", "webhooks")
    return {each["type"]: each["event"] for each in told if each["object"] == reference}


async def send(sandbox: Sandbox, event: str, **how: Any) -> list[int]:
    statuses_: list[int] = await sandbox.control("POST", "webhooks/send", event=event, **how)
    return statuses_


def signed(event: dict[str, Any]) -> dict[str, Any]:
    """Body and headers of a callback, as the provider would send it."""
    body = json.dumps(event).encode()
    header = signature(WEBHOOK_SECRET, body, int(time.time()))
    return {"content": body, "headers": {"Stripe-Signature": header}}


def event_of(**subject: Any) -> dict[str, Any]:
    return {
        "id": f"evt_{new_id().hex}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "data": {"object": {"object": "payment_intent", **subject}},
    }


async def test_a_callback_finishes_a_payment_whose_shopper_never_comes_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, payment, reference = await asked(db, ask)
    await answer_the_bank(sandbox, payment)
    events = await events_about(sandbox, reference)

    answers = await send(sandbox, events["payment_intent.succeeded"])
    await handled(db)

    assert answers == [200]
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "CAPTURED"
    assert await statuses(db) == (["PAID"], ["PAID"])
    await check_books(db)


async def test_twenty_deliveries_at_once_do_it_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    _, payment, reference = await asked(db, ask)
    await answer_the_bank(sandbox, payment)
    events = await events_about(sandbox, reference)

    answers = await send(sandbox, events["payment_intent.succeeded"], copies=20, at_once=True)
    await handled(db)

    assert answers == [200] * 20
    rows = await counts(db)
    assert (rows["provider_events"], rows["payment_transactions"]) == (1, 1)
    assert rows["ledger_entries"] == 2
    assert await statuses(db) == (["PAID"], ["PAID"])
    await check_books(db)


async def test_an_event_may_come_before_the_answer_to_the_call(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    await sandbox.spoil("webhook_first", path="/v1/payment_intents")

    payment = await pay(guest, group)
    await handled(db)

    rows = await counts(db)
    assert rows["provider_events"] > 0
    assert payment["status"] == "CAPTURED"
    assert (rows["payment_transactions"], rows["ledger_entries"]) == (1, 2)
    assert await statuses(db) == (["PAID"], ["PAID"])
    await check_books(db)


async def test_events_in_any_order_never_lead_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, payment, reference = await asked(db, ask)
    await answer_the_bank(sandbox, payment)
    events = await events_about(sandbox, reference)
    await send(sandbox, events.pop("payment_intent.succeeded"))
    await handled(db)
    paid = (await guest(PAYMENT, id=payment["id"]))["payment"]

    for event in reversed(events.values()):
        await send(sandbox, event)
    await handled(db)

    assert {"payment_intent.created", "payment_intent.requires_action"} <= {*events}
    assert (await counts(db))["provider_events"] == len(events) + 1
    assert (await guest(PAYMENT, id=payment["id"]))["payment"] == paid
    assert paid["status"] == "CAPTURED"
    await check_books(db)


@pytest.mark.parametrize(
    "untrue",
    [
        {"amount": 1, "amount_received": 1},
        {"amount": 1},
        {"currency": "eur"},
        {"amount_received": 1},
        {"metadata": {"attempt_id": str(new_id())}},
        {"metadata": {}},
    ],
)
async def test_a_validly_signed_wrong_amount_is_not_believed(
    db: Database,
    ask: Ask,
    sandbox: Sandbox,
    caplog: pytest.LogCaptureFixture,
    untrue: dict[str, Any],
) -> None:
    guest, payment, reference = await asked(db, ask)
    await answer_the_bank(sandbox, payment)
    events = await events_about(sandbox, reference)
    await sandbox.control("PATCH", f"objects/{reference}", **untrue)
    before = await counts(db)

    with caplog.at_level(logging.ERROR, "services.payments"):
        answers = await send(sandbox, events["payment_intent.succeeded"])
        await handled(db)

    assert answers == [200]
    assert "answer contradicts attempt" in caplog.text
    assert await counts(db) == {**before, "provider_events": 1}
    assert (await guest(PAYMENT, id=payment["id"]))["payment"] == payment
    assert await statuses(db) == (["PENDING_PAYMENT"], ["PENDING_PAYMENT"])


@pytest.mark.parametrize("fault", ["no signature", "another secret", "another body", "too old"])
async def test_what_the_provider_did_not_sign_is_refused_and_not_kept(
    db: Database, ask: Ask, client: httpx.AsyncClient, sandbox: Sandbox, fault: str
) -> None:
    _, _, reference = await asked(db, ask)
    sent = signed(event_of(id=reference, metadata={}))
    body, now = sent["content"], int(time.time())
    headers = {
        "no signature": {},
        "another secret": {"Stripe-Signature": signature("whsec_other", body, now)},
        "another body": sent["headers"],
        "too old": {"Stripe-Signature": signature(WEBHOOK_SECRET, body, now - 3_600)},
    }[fault]
    before = await counts(db)

    altered = body.replace(b"succeeded", b"Succeeded") if fault == "another body" else body
    answer = await client.post(PATH, content=altered, headers=headers)

    assert answer.status_code == 400
    assert await counts(db) == before


async def test_a_callback_of_somebody_elses_payment_is_answered_and_logged(
    db: Database, client: httpx.AsyncClient, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    event = event_of(id="pi_of_another_shop", metadata={"attempt_id": str(new_id())})

    with caplog.at_level(logging.WARNING, "services.payments"):
        answer = await client.post(PATH, **signed(event))

    assert answer.status_code == 200
    assert "callback of an unknown payment" in caplog.text
    assert (await counts(db))["provider_events"] == 1


async def test_a_callback_that_is_too_large_or_for_nobody_is_refused(
    db: Database, client: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    large = event_of(id="pi_1", metadata={"note": "x" * 256 * 1024})

    answers = [
        await client.post(PATH, **signed(large)),
        await client.post("/webhooks/nobody", **signed(event_of(id="pi_1", metadata={}))),
        await client.get(PATH),
    ]

    assert [each.status_code for each in answers] == [413, 404, 405]
    assert (await counts(db))["provider_events"] == 0


async def test_a_callback_while_the_provider_is_down_is_looked_into_later(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, payment, reference = await asked(db, ask)
    await answer_the_bank(sandbox, payment)
    events = await events_about(sandbox, reference)
    await sandbox.spoil("unavailable", method="GET", path="/v1/payment_intents")

    answers = await send(sandbox, events["payment_intent.succeeded"])
    unchanged = (await guest(PAYMENT, id=payment["id"]))["payment"]
    await time_passes(db, ProviderEvent)
    done = await sweep(db, sandbox)

    assert answers == [200]
    assert unchanged == payment
    assert done == 1
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "CAPTURED"
    await handled(db)
    await check_books(db)


async def test_a_late_failure_does_not_undo_a_second_try_that_paid(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    declined = await pay(guest, group, DECLINED)
    paid = await pay(guest, group)
    first = (await attempts_of(db, declined))[0].provider_reference
    events = await events_about(sandbox, first)

    await send(sandbox, events["payment_intent.payment_failed"])
    await handled(db)

    assert (await guest(PAYMENT, id=paid["id"]))["payment"] == paid
    async with db.transaction() as session:
        kinds = (await session.scalars(select(PaymentTransaction.kind))).all()
    assert kinds == ["CAPTURE"]


@pytest.mark.parametrize(
    "older",
    [
        PaymentState.PENDING,
        PaymentState.ACTION_REQUIRED,
        PaymentState.AUTHORIZED,
        PaymentState.FAILED,
        PaymentState.CANCELLED,
        PaymentState.CAPTURED,
    ],
)
async def test_an_older_answer_that_was_slower_changes_nothing(
    db: Database, ask: Ask, sandbox: Sandbox, older: PaymentState
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    paid = await pay(guest, group)
    attempt = (await attempts_of(db, paid))[0]
    answer = ProviderAnswer(
        state=older,
        reference=attempt.provider_reference,
        attempt_id=attempt.id,
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        captured_minor=attempt.amount_minor,
    )
    before = await counts(db)

    async with db.transaction() as session:
        standing = await attempts.apply(session, attempt_id=attempt.id, answer=answer)

    assert standing == (inside(paid["id"]), "CAPTURED", False)
    assert await counts(db) == before
    assert (await guest(PAYMENT, id=paid["id"]))["payment"] == paid
