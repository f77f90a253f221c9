"""Money that goes back: of cancelled orders, once, and never more than was paid."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from core.db import Database
from core.identity import Caller, CallerKind
from core.ids import new_id
from models.orders import Order
from models.outbox import OutboxEvent
from models.payments import Payment, Refund
from services import orders, payments
from services.payments import RefundTooLarge, attempts
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    PAYMENT,
    THREE_D_SECURE,
    answer_the_bank,
    attempts_of,
    charges,
    check_books,
    counts,
    handled,
    inside,
    pay,
    statuses,
    stock,
    sweep,
    time_passes,
)
from tests.payments.sandbox_process import VISA, Sandbox
from tests.shopping import new_key, place

CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { status totals { refunded { amount } } } userErrors { __typename code } } }"""
REFUNDS = "/v1/refunds"


async def paid(
    db: Database, ask: Ask, *, merchants: int = 1, token: str = VISA
) -> tuple[Ask, dict[str, Any], dict[str, Any]]:
    """Who paid, the group, the payment; 15.00 for each merchant."""
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(merchants)]
    guest, group = await place(ask, *stalls)
    return guest, group, await pay(guest, group, token)


async def cancel(ask: Ask, order: dict[str, Any]) -> dict[str, Any]:
    answer = await ask(CANCEL, input={"orderId": order["id"], "idempotencyKey": new_key()})
    assert answer["orderCancel"]["userErrors"] == []
    cancelled: dict[str, Any] = answer["orderCancel"]["order"]
    return cancelled


async def cancel_and_die(db: Database, group: dict[str, Any]) -> Any:
    """An order is cancelled, and nobody calls the provider; the event that tells of it."""
    order_id = inside(group["orders"][0]["id"])
    async with db.transaction() as session:
        owner = await session.scalar(select(Order.owner_id).where(Order.id == order_id))
        caller = Caller(kind=CallerKind.GUEST, subject=owner)
        await orders.cancel(session, caller, order_id=order_id, idempotency_key=new_key())
    async with db.transaction() as session:
        found = await session.scalars(
            select(OutboxEvent).where(OutboxEvent.kind == "OrderCancelled")
        )
        return found.one()


async def refund_of(db: Database) -> Refund:
    async with db.transaction() as session:
        return (await session.scalars(select(Refund))).one()


async def test_a_cancelled_order_gets_its_part_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, payment = await paid(db, ask, merchants=2)
    first, second = group["orders"]

    one = await cancel(guest, first)
    partly = (await guest(PAYMENT, id=payment["id"]))["payment"]
    await cancel(guest, second)
    wholly = (await guest(PAYMENT, id=payment["id"]))["payment"]

    assert one == {"status": "CANCELLED", "totals": {"refunded": {"amount": "15.00"}}}
    assert (partly["status"], partly["refunded"]) == ("PARTIALLY_REFUNDED", {"amount": "15.00"})
    assert (wholly["status"], wholly["refunded"]) == ("REFUNDED", {"amount": "30.00"})
    assert [each["kind"] for each in wholly["transactions"]] == ["CAPTURE", "REFUND", "REFUND"]
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [3_000]
    assert await stock(db) == [(10, 0, 0)] * 2
    await check_books(db)


async def test_cancelling_again_gives_nothing_more_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await paid(db, ask)
    await cancel(guest, group["orders"][0])
    before = await counts(db)

    await asyncio.gather(*[cancel(guest, group["orders"][0]) for _ in range(5)])

    assert await counts(db) == before
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]


async def test_cancelling_what_was_not_paid_gives_nothing_back(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await paid(db, ask, token="pm_card_chargeDeclined")

    cancelled = await cancel(guest, group["orders"][0])

    assert cancelled["totals"] == {"refunded": {"amount": "0.00"}}
    assert (await counts(db))["refunds"] == 0


async def test_a_refund_whose_caller_died_is_made_by_the_worker_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, payment = await paid(db, ask)
    event = await cancel_and_die(db, group)

    for _ in range(2):
        await payments.on_events(db, {}, [event])
    requested = await refund_of(db)
    done = [await sweep(db, sandbox) for _ in range(2)]

    assert requested.status == "REQUESTED"
    assert done == [1, 0]
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert (await counts(db))["refunds"] == 1
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    async with db.transaction() as session:
        assert (await session.scalars(select(Order.refunded_minor))).all() == [1_500]
    await check_books(db)


async def test_money_that_came_while_the_purchase_was_cancelled_goes_back_whole_and_once(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    guest, group = await place(ask, *stalls)
    payment = await pay(guest, group, THREE_D_SECURE)
    await answer_the_bank(sandbox, payment)
    attempt = (await attempts_of(db, payment))[0]
    provider = sandbox.provider()
    answer = await provider.inquire(payments.Inquiry(attempt.id, attempt.created_at))
    await provider.aclose()
    assert answer is not None
    async with db.transaction() as session:
        await attempts.apply(session, attempt_id=attempt.id, answer=answer)  # and dies

    await cancel(guest, group["orders"][0])
    await time_passes(db)
    done = await sweep(db, sandbox)

    assert done == 0
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [3_000]
    assert (await refund_of(db)).order_id is None
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert await statuses(db) == (["CANCELLED"], ["CANCELLED", "CANCELLED"])
    await check_books(db)


@pytest.mark.parametrize("fault", ["hang", "half_body", "unavailable"])
async def test_a_refund_whose_answer_was_lost_is_made_once(
    db: Database, ask: Ask, sandbox: Sandbox, fault: str
) -> None:
    guest, group, payment = await paid(db, ask)
    await sandbox.spoil(fault, path=REFUNDS)

    cancelled = await cancel(guest, group["orders"][0])
    unknown = await refund_of(db)
    await time_passes(db)
    done = await sweep(db, sandbox)

    assert cancelled == {"status": "CANCELLED", "totals": {"refunded": {"amount": "0.00"}}}
    assert (unknown.status, done) == ("REQUESTED", 1)
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    await check_books(db)


async def test_orders_that_were_not_told_of_a_refund_are_told_by_the_sweeper(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, _ = await paid(db, ask)
    await cancel(guest, group["orders"][0])
    async with db.transaction() as session:
        (await session.scalars(select(Refund))).one().settled_at = None
        (await session.scalars(select(Order))).one().refunded_minor = 0

    await time_passes(db)
    done = [await sweep(db, sandbox) for _ in range(2)]

    assert done == [1, 0]
    async with db.transaction() as session:
        assert (await session.scalars(select(Order.refunded_minor))).all() == [1_500]


async def test_a_refund_that_takes_days_arrives_by_callback(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, payment = await paid(db, ask, token="pm_card_pendingRefund")
    await cancel(guest, group["orders"][0])
    pending = await refund_of(db)
    before = (await guest(PAYMENT, id=payment["id"]))["payment"]

    await sandbox.control("POST", f"refunds/{pending.provider_reference}/settle")
    await deliver(sandbox, pending.provider_reference)
    await handled(db)

    assert pending.status == "PENDING"
    assert (before["status"], before["refunded"]) == ("CAPTURED", {"amount": "0.00"})
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    settled = await refund_of(db)
    assert (settled.status, settled.settled_at is None) == ("SUCCEEDED", False)
    async with db.transaction() as session:
        assert (await session.scalars(select(Order.refunded_minor))).all() == [1_500]
    await check_books(db)


async def deliver(sandbox: Sandbox, reference: str | None) -> None:
    """Everything that the provider has to say of a refund, newest first."""
    told = await sandbox.control("GET", "webhooks")
    for each in reversed([each for each in told if each["object"] == reference]):
        await sandbox.control("POST", "webhooks/send", event=each["event"])


async def test_a_refund_that_the_bank_sends_back_turns_the_books_back(
    db: Database, ask: Ask, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    guest, group, payment = await paid(db, ask, token="pm_card_refundFail")
    await cancel(guest, group["orders"][0])
    arrived = await refund_of(db)
    await check_books(db)

    await sandbox.control("POST", f"refunds/{arrived.provider_reference}/settle")
    await deliver(sandbox, arrived.provider_reference)
    await handled(db)

    assert (arrived.status, (await refund_of(db)).status) == ("SUCCEEDED", "FAILED")
    again = (await guest(PAYMENT, id=payment["id"]))["payment"]
    assert (again["status"], again["refunded"]) == ("CAPTURED", {"amount": "0.00"})
    kinds = [each["kind"] for each in again["transactions"]]
    assert kinds == ["CAPTURE", "REFUND", "REFUND_RETURNED"]
    assert "refund failed" in caplog.text
    await check_books(db)


async def test_a_refund_the_provider_refuses_fails_and_the_money_stays_booked(
    db: Database, ask: Ask, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    guest, group, payment = await paid(db, ask)
    reference = (await attempts_of(db, payment))[0].provider_reference
    elsewhere = {"payment_intent": reference, "amount": 1_000}  # by somebody in the dashboard
    await sandbox.post("refunds", elsewhere)

    await cancel(guest, group["orders"][0])

    assert (await refund_of(db)).status == "FAILED"
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "CAPTURED"
    assert "refund refused" in caplog.text
    await time_passes(db)
    assert await sweep(db, sandbox) == 0
    await check_books(db)


@pytest.mark.parametrize("amount", [0, -1, 1_501, 3_000, 10**15])
async def test_more_than_an_orders_part_is_never_given_back(
    db: Database, ask: Ask, sandbox: Sandbox, amount: int
) -> None:
    _, group, _ = await paid(db, ask, merchants=2)
    order_id = inside(group["orders"][0]["id"])
    before = await counts(db)

    with pytest.raises(RefundTooLarge) as refused:
        await request(db, order_id, amount)

    assert refused.value.available_minor == 1_500
    assert await counts(db) == before


async def request(db: Database, order_id: UUID, amount: int, key: str = "goodwill") -> UUID | None:
    async with db.transaction() as session:
        return await payments.request_refund(
            session, order_id=order_id, amount_minor=amount, reason="", reason_key=key
        )


async def test_refunds_at_the_same_time_stay_within_what_was_paid(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    guest, group, payment = await paid(db, ask, merchants=2)
    order_id = inside(group["orders"][0]["id"])

    outcomes = await asyncio.gather(
        *[request(db, order_id, 400, key=f"part {n}") for n in range(8)], return_exceptions=True
    )
    await sweep(db, sandbox)
    await cancel(guest, group["orders"][0])  # gives the rest back

    made = [each for each in outcomes if isinstance(each, UUID)]
    assert len(made) == 3
    assert all(isinstance(each, (UUID, RefundTooLarge)) for each in outcomes)
    whole = (await guest(PAYMENT, id=payment["id"]))["payment"]
    assert (whole["status"], whole["refunded"]) == ("PARTIALLY_REFUNDED", {"amount": "15.00"})
    assert [each["amount_refunded"] for each in await charges(db, sandbox)] == [1_500]
    await check_books(db)


async def test_the_same_reason_is_one_refund(db: Database, ask: Ask, sandbox: Sandbox) -> None:
    _, group, _ = await paid(db, ask)
    order_id = inside(group["orders"][0]["id"])

    refunds = [await request(db, order_id, 400) for _ in range(3)]

    assert len({*refunds}) == 1
    assert (await counts(db))["refunds"] == 1


async def test_an_order_that_nobody_paid_has_nothing_to_give_back(db: Database) -> None:
    with pytest.raises(RefundTooLarge):
        await request(db, new_id(), 1)


@dataclass
class Happened:
    kind: str
    object_id: UUID
    facts: dict[str, Any] = field(default_factory=dict)


async def test_an_account_that_takes_a_guests_orders_gets_the_payments_too(
    db: Database, ask: Ask, sandbox: Sandbox
) -> None:
    await paid(db, ask)
    _, _, others = await paid(db, ask)
    account = new_id()
    async with db.transaction() as session:
        owners = (await session.scalars(select(Payment.owner_id).order_by(Payment.id))).all()

    taken = Happened("OrdersTakenOver", account, {"from_owner": owners[0].hex})
    ignored = Happened("OrderCancelled", new_id(), {"paid_minor": 0})
    unknown = Happened("OrderCancelled", new_id(), {"paid_minor": 100})
    await payments.on_events(db, {}, [taken, ignored, unknown, taken])

    async with db.transaction() as session:
        now_owners = (await session.scalars(select(Payment.owner_id).order_by(Payment.id))).all()
    assert list(now_owners) == [account, owners[1]]
    assert others["status"] == "CAPTURED"
    assert (await statuses(db))[0] == ["PAID", "PAID"]
