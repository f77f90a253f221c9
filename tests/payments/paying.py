"""A shopper's steps from an order group to a payment, and what the books must say afterwards."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from core.db import Database
from core.ids import decode
from models.base import Base
from models.inventory import StockLevel
from models.orders import Order, OrderGroup
from models.payments import (
    LedgerEntry,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentTransaction,
    ProviderEvent,
    Refund,
)
from services import payments
from tests.asking import Ask
from tests.payments.sandbox_process import RETURN_URL, VISA, Sandbox
from tests.shopping import new_key

PAYMENT_WINDOW = timedelta(minutes=30)
THREE_D_SECURE = "pm_card_threeDSecure2Required"
DECLINED = "pm_card_chargeDeclined"

FIELDS = """id status method provider amount { amount currency } captured { amount }
  refunded { amount } orderGroup { status } transactions { kind amount { amount } }
  nextAction { ... on ThreeDSecureAction { redirectUrl clientSecret } }
  lastFailure { code message }"""
INITIALIZE = f"""mutation($input: PaymentInitializeInput!) {{ paymentInitialize(input: $input) {{
  payment {{ {FIELDS} }}
  userErrors {{ __typename code message field ... on NotAllowedInState {{ state }}
    ... on PaymentInProgress {{ payment {{ id status }} }} }} }} }}"""
CONFIRM = f"""mutation($input: PaymentConfirmInput!) {{ paymentConfirm(input: $input) {{
  payment {{ {FIELDS} }} userErrors {{ __typename code field }} }} }}"""
PAYMENT = f"query($id: ID!) {{ payment(id: $id) {{ {FIELDS} }} }}"


def wanted(group: dict[str, Any], token: str = VISA, **more: Any) -> dict[str, Any]:
    """A PaymentInitializeInput."""
    return {
        "orderGroupId": group["id"],
        "method": "CARD",
        "paymentMethod": token,
        "returnUrl": RETURN_URL,
        "idempotencyKey": new_key(),
        **more,
    }


async def try_to_pay(
    ask: Ask, group: dict[str, Any], token: str = VISA, **more: Any
) -> dict[str, Any]:
    """The payload of paymentInitialize."""
    answer = await ask(INITIALIZE, input=wanted(group, token, **more))
    payload: dict[str, Any] = answer["paymentInitialize"]
    return payload


async def pay(ask: Ask, group: dict[str, Any], token: str = VISA, **more: Any) -> dict[str, Any]:
    """The payment, of a try that was not refused."""
    payload = await try_to_pay(ask, group, token, **more)
    assert payload["userErrors"] == []
    payment: dict[str, Any] = payload["payment"]
    return payment


async def confirm(ask: Ask, payment: dict[str, Any]) -> dict[str, Any]:
    answer = await ask(CONFIRM, input={"paymentId": payment["id"], "idempotencyKey": new_key()})
    assert answer["paymentConfirm"]["userErrors"] == []
    confirmed: dict[str, Any] = answer["paymentConfirm"]["payment"]
    return confirmed


async def answer_the_bank(
    sandbox: Sandbox, payment: dict[str, Any], outcome: str = "complete"
) -> None:
    """Press a button on the bank's page."""
    await sandbox.http.post(payment["nextAction"]["redirectUrl"], data={"outcome": outcome})


def inside(text_id: str) -> UUID:
    found = decode(text_id.partition("_")[0], text_id)
    assert found is not None
    return found


async def attempts_of(db: Database, payment: dict[str, Any]) -> list[Any]:
    """The tries of a payment, oldest first."""
    of = PaymentAttempt.payment_id == inside(payment["id"])
    async with db.transaction() as session:
        found = await session.scalars(select(PaymentAttempt).where(of).order_by(PaymentAttempt.id))
        return list(found)


async def charges(db: Database, sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the sandbox took for the attempts of this test's database."""
    async with db.transaction() as session:
        attempts = list(await session.scalars(select(PaymentAttempt.id)))
    taken = [each for attempt in attempts for each in await sandbox.charges_of(attempt)]
    return [each for each in taken if each["paid"]]


async def counts(db: Database) -> dict[str, int]:
    """How many rows the payments' tables hold."""
    tables: list[type[Base]] = [
        Payment,
        PaymentAllocation,
        PaymentAttempt,
        PaymentTransaction,
        LedgerEntry,
        ProviderEvent,
        Refund,
    ]
    async with db.transaction() as session:
        return {
            table.__tablename__: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }


async def statuses(db: Database) -> tuple[list[str], list[str]]:
    """Of all groups, and of all orders."""
    async with db.transaction() as session:
        groups = await session.scalars(select(OrderGroup.status).order_by(OrderGroup.id))
        orders = await session.scalars(select(Order.status).order_by(Order.id))
        return list(groups), list(orders)


async def stock(db: Database) -> list[tuple[int, int, int]]:
    """On hand, reserved and allocated of every level."""
    columns = (StockLevel.on_hand, StockLevel.reserved, StockLevel.allocated)
    async with db.transaction() as session:
        found = await session.execute(select(*columns).order_by(StockLevel.variant_id))
        return [(row[0], row[1], row[2]) for row in found]


async def time_passes(db: Database, *tables: type[Base]) -> None:
    """What waits for its next check is due, and payments are no longer fresh."""
    async with db.transaction() as session:
        for table in tables or (PaymentAttempt, ProviderEvent, Refund):
            due = {"check_at": func.now() - text("interval '1 second'")}
            await session.execute(update(table).values(due))
        await session.execute(
            update(Payment).values(updated_at=func.now() - text("interval '1 minute'"))
        )


async def handled(db: Database) -> None:
    """The callbacks were looked into; that is done after their answer."""
    for _ in range(200):
        async with db.transaction() as session:
            waiting = select(ProviderEvent.event_id).where(ProviderEvent.handled_at.is_(None))
            if (await session.execute(waiting)).first() is None:
                return
        await asyncio.sleep(0.02)
    pytest.fail("A callback was not looked into.")


async def sweep(db: Database, sandbox: Sandbox) -> int:
    """One round of the worker's."""
    provider = sandbox.provider(timeout=1)
    try:
        return await payments.sweep(db, {"card": provider}, payment_window=PAYMENT_WINDOW)
    finally:
        await provider.aclose()


async def check_books(db: Database) -> None:
    """Whatever happened: the ledger balances, and says what payments and orders say."""
    async with db.transaction() as session:
        for rule, sql in _RULES.items():
            broken = (await session.execute(text(sql))).all()
            assert broken == [], rule


_RULES = {
    "every journal balances in each currency": """
        SELECT journal_id, currency FROM ledger_entries
        GROUP BY journal_id, currency HAVING sum(amount_minor) <> 0""",
    "the provider owes what was taken and not given back": """
        SELECT p.id FROM payments p LEFT JOIN ledger_entries l
            ON l.payment_id = p.id AND l.account = 'PROVIDER_CLEARING'
        GROUP BY p.id HAVING coalesce(sum(l.amount_minor), 0) <> p.captured_minor - p.refunded_minor
            + (SELECT coalesce(sum(a.amount_minor), 0) FROM payment_attempts a
               WHERE a.payment_id = p.id AND a.state = 'CAPTURED' AND a.id <> p.attempt_id
               AND NOT EXISTS (SELECT FROM refunds r
                               WHERE r.attempt_id = a.id AND r.status = 'SUCCEEDED'))""",
    "a merchant is owed its part of what was taken, without what went back": """
        SELECT a.order_id FROM payment_allocations a JOIN payments p ON p.id = a.payment_id
        LEFT JOIN ledger_entries l ON l.order_id = a.order_id AND l.account = 'MERCHANT_PAYABLE'
        GROUP BY a.payment_id, a.order_id, p.captured_minor HAVING coalesce(sum(l.amount_minor), 0)
            <> CASE WHEN p.captured_minor = 0 THEN 0 ELSE a.refunded_minor - a.amount_minor END""",
    "the parts of a payment add up to it": """
        SELECT p.id FROM payments p JOIN payment_allocations a ON a.payment_id = p.id
        GROUP BY p.id HAVING sum(a.amount_minor) <> p.amount_minor
            OR sum(a.refunded_minor) <> p.refunded_minor""",
    "no payment has two undecided tries": """
        SELECT payment_id FROM payment_attempts
        WHERE state IN ('CREATED', 'PENDING', 'ACTION_REQUIRED', 'AUTHORIZED')
        GROUP BY payment_id HAVING count(*) > 1""",
}
