"""Asking for money back: bounded, and written before any provider hears of it."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.payments import Payment, PaymentAllocation, Refund, RefundStatus
from services import audit, events
from services.payments.errors import RefundTooLarge

AUDIT_ACTION: Final = {
    "RefundRequested": "REFUND_REQUESTED",
    "PaymentRefunded": "PAYMENT_REFUNDED",
    "RefundFailed": "REFUND_FAILED",
}


async def request_refund(
    session: AsyncSession,
    *,
    order_id: UUID,
    amount_minor: int | None,
    reason: str,
    reason_key: str,
) -> UUID | None:
    """Ask for a part of what an order's payment took; `advance_refund` brings it back.

    amount_minor: None for all that is left; nothing is asked for when that is nothing.
    reason_key: makes it one refund, however often it is asked for. Locks the payment.

    Raises: RefundTooLarge when the order's part of the payment, or the payment, has less left.
    """
    held = (await session.execute(_LOCKED_BY_ORDER, {"order": order_id})).first()
    if held is None:
        if amount_minor is None:
            return None
        raise RefundTooLarge(available_minor=0, currency="")
    wanted = {"payment": held.id, "order": order_id, "reason_key": reason_key}
    known: UUID | None = await session.scalar(_KNOWN, wanted)
    if known is not None:
        return known
    left = await _left(session, held, order_id)
    if amount_minor is None and left <= 0:
        return None
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        raise RefundTooLarge(available_minor=left, currency=held.currency)
    return await _write(
        session,
        payment_id=held.id,
        attempt_id=held.attempt_id,
        order_id=order_id,
        currency=held.currency,
        amount_minor=amount,
        reason=reason,
        reason_key=reason_key,
    )


async def request_whole(
    session: AsyncSession,
    *,
    payment_id: UUID,
    attempt_id: UUID,
    currency: str,
    amount_minor: int,
    reason_key: str,
) -> UUID:
    """Ask for everything that an attempt took; the caller has locked the payment."""
    return await _write(
        session,
        payment_id=payment_id,
        attempt_id=attempt_id,
        order_id=None,
        currency=currency,
        amount_minor=amount_minor,
        reason="",
        reason_key=reason_key,
    )


async def _left(session: AsyncSession, held: Any, order_id: UUID) -> int:
    """What neither went back nor is on its way: of the order's part, and of the payment."""
    asked = await session.execute(
        _ASKED_FOR, {"payment": held.id, "attempt": held.attempt_id, "order": order_id}
    )
    of_order, of_payment = asked.one()
    return int(min(held.part_minor - of_order, held.captured_minor - of_payment))


async def _write(session: AsyncSession, **row: Any) -> UUID:
    refund_id = new_id()
    row |= {"id": refund_id, "provider_key": f"refund:{refund_id.hex}"}
    written = insert(Refund).values(row).returning(*Refund.__table__.c)
    await tell(session, "RefundRequested", (await session.execute(written)).one())
    return refund_id


async def tell(session: AsyncSession, kind: str, refund: Any) -> None:
    """Record an event of a refund's payment, for the outbox and the audit log.

    kind: of AUDIT_ACTION. refund: a row of it.
    """
    facts = {
        "refund_id": refund.id.hex,
        "order_id": refund.order_id.hex if refund.order_id else None,
        "amount_minor": refund.amount_minor,
        "currency": refund.currency,
    }
    await events.record(session, events.event(kind, refund.payment_id, **facts))
    said = {"reason": refund.reason} if refund.reason else None  # anybody's words
    told = {"payment_id": refund.payment_id.hex, **facts}
    await audit.record(
        session, audit.entry(AUDIT_ACTION[kind], "Refund", refund.id, after=told, person=said)
    )


def _parameter(name: str) -> Any:
    return bindparam(name, type_=Uuid())


_LOCKED_BY_ORDER = (
    select(
        Payment.id,
        Payment.attempt_id,
        Payment.currency,
        Payment.captured_minor,
        PaymentAllocation.amount_minor.label("part_minor"),
    )
    .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
    .where(PaymentAllocation.order_id == _parameter("order"), Payment.captured_minor > 0)
    .with_for_update()
)
_KNOWN = select(Refund.id).where(
    Refund.payment_id == _parameter("payment"),
    Refund.order_id == _parameter("order"),
    Refund.reason_key == bindparam("reason_key"),
)
_ASKED_FOR = select(
    func.coalesce(func.sum(Refund.amount_minor).filter(Refund.order_id == _parameter("order")), 0),
    func.coalesce(
        func.sum(Refund.amount_minor).filter(Refund.attempt_id == _parameter("attempt")), 0
    ),
).where(Refund.payment_id == _parameter("payment"), Refund.status != RefundStatus.FAILED)
