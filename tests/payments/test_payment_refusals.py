"""Payments that are refused, repeated, or asked for twice at once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from starlette.applications import Starlette

from core.db import Database, counted
from core.ids import encode, new_id
from models.orders import OrderGroup
from models.outbox import OutboxEvent
from models.platform import IdempotencyKey
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    CONFIRM,
    DECLINED,
    INITIALIZE,
    THREE_D_SECURE,
    charges,
    check_books,
    confirm,
    counts,
    pay,
    statuses,
    try_to_pay,
    wanted,
)
from tests.payments.sandbox_process import Sandbox
from tests.shopping import new_key, place


async def traces(db: Database) -> dict[str, Any]:
    """All that a refusal must leave alone."""
    async with db.transaction() as session:
        more = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (OutboxEvent, IdempotencyKey)
        ]
    return {**await counts(db), "more": more, "statuses": await statuses(db)}


async def unpaid(db: Database, ask: Ask) -> tuple[Ask, dict[str, Any]]:
    async with db.transaction() as session:
        stall = await make_stall(session)
    return await place(ask, stall)


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [
        ({"orderGroupId": "nonsense"}, "NotFound", "orderGroupId"),
        ({"orderGroupId": encode("ordergroup", new_id())}, "NotFound", "orderGroupId"),
        ({"orderGroupId": encode("order", new_id())}, "NotFound", "orderGroupId"),
        ({"paymentMethod": ""}, "InvalidInput", "paymentMethod"),
        ({"paymentMethod": "4242424242424242"}, "InvalidInput", "paymentMethod"),
        ({"paymentMethod": "pm card"}, "InvalidInput", "paymentMethod"),
        ({"paymentMethod": "pm_" + "a" * 253}, "InvalidInput", "paymentMethod"),
        ({"returnUrl": "javascript:alert(1)"}, "InvalidInput", "returnUrl"),
        ({"returnUrl": "/orders"}, "InvalidInput", "returnUrl"),
        ({"returnUrl": "http://[::1"}, "InvalidInput", "returnUrl"),
        ({"returnUrl": "https://shop.test/" + "a" * 2_000}, "InvalidInput", "returnUrl"),
        ({"idempotencyKey": ""}, "InvalidInput", "idempotencyKey"),
        ({"idempotencyKey": "k" * 256}, "InvalidInput", "idempotencyKey"),
    ],
)
async def test_what_can_not_be_is_refused_and_changes_nothing(
    db: Database, ask: Ask, sandbox: Sandbox, given: dict[str, str], refusal: str, field: str
) -> None:
    guest, group = await unpaid(db, ask)
    before = await traces(db)

    refused = await try_to_pay(guest, group, **given)

    assert refused["payment"] is None
    assert [(each["__typename"], each["field"]) for each in refused["userErrors"]] == [
        (refusal, [field])
    ]
    assert await traces(db) == before


async def test_a_strangers_purchase_and_payment_are_not_there(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    owner, group = await unpaid(db, ask)
    stranger, _ = await unpaid(db, ask)
    payment = await pay(owner, group, DECLINED)
    before = await traces(db)
    again = {"paymentId": payment["id"], "idempotencyKey": new_key()}

    for asks in (stranger, ask):
        initialized = await try_to_pay(asks, group)
        confirmed = (await asks(CONFIRM, input=again))["paymentConfirm"]
        seen = await asks("query($id: ID!) { payment(id: $id) { id } }", id=payment["id"])
        found = await asks("query($id: ID!) { node(id: $id) { id } }", id=payment["id"])

        assert [each["__typename"] for each in initialized["userErrors"]] == ["NotFound"]
        assert [each["__typename"] for each in confirmed["userErrors"]] == ["NotFound"]
        assert (seen, found) == ({"payment": None}, {"node": None})
    assert await traces(db) == before


@pytest.mark.parametrize("state", ["EXPIRED", "CANCELLED", "PAID"])
async def test_a_purchase_that_awaits_no_payment_is_refused(
    db: Database, ask: Ask, sandbox: Sandbox, state: str
) -> None:
    guest, group = await unpaid(db, ask)
    async with db.transaction() as session:
        await session.execute(update(OrderGroup).values(status=state))
    before = await traces(db)

    refused = await try_to_pay(guest, group)

    assert [(each["__typename"], each["state"]) for each in refused["userErrors"]] == [
        ("NotAllowedInState", state)
    ]
    assert await traces(db) == before


async def test_without_a_provider_nobody_can_pay(
    db: Database, ask: Ask, app: Starlette, sandbox: Sandbox
) -> None:
    guest, group = await unpaid(db, ask)
    before = await traces(db)
    shop = app.state.shop

    app.state.shop = replace(shop, providers={})
    try:
        refused = await try_to_pay(guest, group)
    finally:
        app.state.shop = shop

    assert [each["__typename"] for each in refused["userErrors"]] == ["PaymentMethodUnavailable"]
    assert await traces(db) == before


async def test_a_replayed_key_gives_the_same_payment_as_it_is_now(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group = await unpaid(db, ask)
    first = wanted(group, DECLINED)
    declined = (await guest(INITIALIZE, input=first))["paymentInitialize"]["payment"]
    replayed = (await guest(INITIALIZE, input=first))["paymentInitialize"]["payment"]
    paid = await pay(guest, group)
    before = await traces(db)

    late = (await guest(INITIALIZE, input=first))["paymentInitialize"]

    assert replayed == declined
    assert late == {"payment": paid, "userErrors": []}
    assert await traces(db) == before
    assert len(await charges(db, sandbox)) == 1


@pytest.mark.parametrize("is_paid", [False, True])
async def test_a_key_with_other_arguments_is_refused(
    db: Database, ask: Ask, sandbox: Sandbox, is_paid: bool
) -> None:
    guest, group = await unpaid(db, ask)
    first = wanted(group, DECLINED)
    await guest(INITIALIZE, input=first)
    if is_paid:
        await pay(guest, group)
    before = await traces(db)

    other = {**first, "paymentMethod": "pm_card_visa"}
    refused = (await guest(INITIALIZE, input=other))["paymentInitialize"]

    assert [each["__typename"] for each in refused["userErrors"]] == ["IdempotencyConflict"]
    assert await traces(db) == before


async def test_a_key_that_was_refused_may_be_used_again(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group = await unpaid(db, ask)
    key = new_key()

    refused = await try_to_pay(guest, group, paymentMethod="4242424242424242", idempotencyKey=key)
    paid = await pay(guest, group, idempotencyKey=key)

    assert refused["payment"] is None
    assert paid["status"] == "CAPTURED"


async def test_two_tries_at_once_charge_once(db: Database, ask: Ask, sandbox: Sandbox) -> None:
    guest, group = await unpaid(db, ask)

    payloads = await asyncio.gather(*[try_to_pay(guest, group) for _ in range(8)])

    paid = [each["payment"] for each in payloads if each["payment"]]
    refused = [error for each in payloads for error in each["userErrors"]]
    assert [each["status"] for each in paid] == ["CAPTURED"]
    assert len(refused) == 7
    assert {each["__typename"] for each in refused} <= {"PaymentInProgress", "NotAllowedInState"}
    under_way = [each["payment"] for each in refused if each["__typename"] == "PaymentInProgress"]
    assert all(each["id"] == paid[0]["id"] for each in under_way)
    assert len(await charges(db, sandbox)) == 1
    await check_books(db)


async def test_one_key_sent_many_times_at_once_charges_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group = await unpaid(db, ask)
    same = wanted(group)

    answers = await asyncio.gather(*[guest(INITIALIZE, input=same) for _ in range(8)])

    payloads = [each["paymentInitialize"] for each in answers]
    assert [each["userErrors"] for each in payloads] == [[]] * 8
    assert len({each["payment"]["id"] for each in payloads}) == 1
    assert (await counts(db))["payment_attempts"] == 1
    assert len(await charges(db, sandbox)) == 1
    assert await statuses(db) == (["PAID"], ["PAID"])


@pytest.mark.parametrize("merchants", [1, 4])
async def test_statements_do_not_depend_on_the_number_of_orders(
    db: Database, ask: Ask, sandbox: Sandbox, merchants: int
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(merchants)]
    guest, group = await place(ask, *stalls)
    other, another = await place(ask, *stalls)

    with counted() as declining:
        await pay(guest, group, DECLINED)
    with counted() as asking:
        waiting = await pay(guest, group, THREE_D_SECURE)
    with counted() as confirming:
        await confirm(guest, waiting)
    with counted() as paying:
        await pay(other, another)

    sent = [
        [sql for sql in each if "FROM guests" not in sql]  # who asks is remembered for a second
        for each in (declining, asking, confirming, paying)
    ]
    assert [len(each) for each in sent] == [17, 18, 9, 34], "\n".join(paying)


async def test_the_database_refuses_a_journal_that_does_not_balance_and_any_change_of_it(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group = await unpaid(db, ask)
    await pay(guest, group)
    more = """INSERT INTO ledger_entries (id, journal_id, account, payment_id, currency, amount_minor)
        SELECT gen_random_uuid(), gen_random_uuid(), 'UNALLOCATED', payment_id, currency, 1
        FROM ledger_entries LIMIT 1"""

    for sql in (more, "UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries"):
        with pytest.raises(Exception, match=r"does not balance|are never changed"):
            async with db.transaction() as session:
                await session.execute(text(sql))

    await check_books(db)
