"""What payments do when something happened in other groups of tables: a consumer of the outbox."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, update

from core.db import Database
from models.payments import AttemptState, Payment, PaymentAllocation, PaymentAttempt
from services.payments.ports import PaymentProvider
from services.payments.refund_workflow import advance_refund
from services.payments.refunds import request_refund
from services.payments.settling import settle_group
from services.payments.workflows import give_up

CANCELLED = "cancelled"


class Happened(Protocol):
    """An event of the outbox."""

    @property
    def kind(self) -> str: ...
    @property
    def object_id(self) -> UUID: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


async def on_events(
    db: Database, providers: Mapping[str, PaymentProvider], events: Iterable[Happened]
) -> None:
    """Take note of events, each of which may come again; refunds are left to the sweeper."""
    for event in events:
        if event.kind == "OrderCancelled" and event.facts.get("paid_minor"):
            await _request(db, providers, event.object_id)
        elif event.kind == "OrdersTakenOver":
            await _take_over(db, UUID(event.facts["from_owner"]), event.object_id)


async def refund_cancelled(
    db: Database, providers: Mapping[str, PaymentProvider], order_id: UUID
) -> None:
    """Give back what a cancelled order was paid with, once; nothing when nothing was.

    Whoever cancels calls this after the commit; `on_events` does it if that one died. A question
    of the bank is withdrawn: an answer to it would take money only to give it back.
    """
    async with db.transaction() as session:
        asked = await session.scalar(_ASKED, {"order": order_id})
    if asked is not None:
        await give_up(db, providers, asked)
    refund_id = await _request(db, providers, order_id)
    if refund_id is not None:
        await advance_refund(db, providers, refund_id)


async def _request(
    db: Database, providers: Mapping[str, PaymentProvider], order_id: UUID
) -> UUID | None:
    """Money that the orders have not heard of is settled first: that may give it back whole."""
    of_order = (
        select(Payment.id, Payment.captured_minor, Payment.settled_at)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.order_id == order_id)
    )
    async with db.transaction() as session:
        payment = (await session.execute(of_order)).first()
    if payment is None or not payment.captured_minor:
        return None
    if payment.settled_at is None:
        await settle_group(db, providers, payment.id)
    async with db.transaction() as session:
        return await request_refund(
            session, order_id=order_id, amount_minor=None, reason="", reason_key=CANCELLED
        )


async def _take_over(db: Database, from_owner: UUID, to_owner: UUID) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Payment)
            .where(Payment.owner_id == from_owner)
            .values(owner_id=to_owner)
            .execution_options(synchronize_session=False)
        )


_ASKED = (
    select(PaymentAttempt.id)
    .join(PaymentAllocation, PaymentAllocation.payment_id == PaymentAttempt.payment_id)
    .where(
        PaymentAllocation.order_id == bindparam("order", type_=Uuid()),
        PaymentAttempt.state == AttemptState.ACTION_REQUIRED,
    )
)
