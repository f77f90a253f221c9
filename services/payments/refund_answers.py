"""What a provider's answer does to a refund, and to the books."""

import logging
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.payments import (
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentTransaction,
    Refund,
    RefundStatus,
    TransactionKind,
)
from services.payments import ledger, refunds, states
from services.payments.ports import RefundAnswer

log = logging.getLogger(__name__)


async def apply_refund(
    session: AsyncSession, *, refund_id: UUID, answer: RefundAnswer
) -> RefundStatus:
    """Take note of what a provider said of a refund; forward only, the same again is a no-op.

    A bank may return money that had arrived: then the books are turned back, and staff must see
    to it. Locks the payment and the refund.
    """
    held = (await session.execute(_LOCKED, {"refund": refund_id})).one()
    current, status = RefundStatus(held.status), RefundStatus(answer.state.value)
    if not _is_about(held, answer):
        log.error("answer contradicts refund", extra={"refund": refund_id, "said": status})
        return current
    if states.REFUND_RANK[status] <= states.REFUND_RANK[current]:
        return current
    await _move(session, held, status, reference=answer.reference)
    return status


async def fail(session: AsyncSession, *, refund_id: UUID) -> None:
    """The provider refused to give the money back. Locks the payment and the refund."""
    held = (await session.execute(_LOCKED, {"refund": refund_id})).one()
    if held.status == RefundStatus.REQUESTED:
        await _move(session, held, RefundStatus.FAILED, reference=held.provider_reference)


def _is_about(held: Any, answer: RefundAnswer) -> bool:
    return (
        answer.refund_id == held.id
        and answer.amount_minor == held.amount_minor
        and answer.currency == held.currency
        and answer.payment_reference == held.payment_reference
        and held.provider_reference in {None, answer.reference}
    )


async def _move(
    session: AsyncSession, held: Any, status: RefundStatus, *, reference: str | None
) -> None:
    is_last = status is RefundStatus.FAILED or not held.counts  # nobody is to be told
    values: dict[str, Any] = {"status": status.value, "provider_reference": reference}
    if is_last and status is not RefundStatus.PENDING:
        values["settled_at"] = func.now()
    await session.execute(
        update(Refund)
        .where(Refund.id == held.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if status is RefundStatus.SUCCEEDED:
        await _book(session, held, TransactionKind.REFUND, reference)
    elif status is RefundStatus.FAILED:
        log.error("refund failed", extra={"refund": held.id, "was": held.status})
        if held.status == RefundStatus.SUCCEEDED:
            await _book(session, held, TransactionKind.REFUND_RETURNED, reference)
    if status is not RefundStatus.PENDING:
        kind = "PaymentRefunded" if status is RefundStatus.SUCCEEDED else "RefundFailed"
        await refunds.tell(session, kind, held)


async def _book(
    session: AsyncSession, held: Any, kind: TransactionKind, reference: str | None
) -> None:
    """Write the books of money that went back, or that came again."""
    sign = 1 if kind is TransactionKind.REFUND else -1
    parts = await _move_parts(session, held, sign) if held.counts else []
    sides = ledger.taken(-sign * held.amount_minor, parts)
    await ledger.post(session, payment_id=held.payment_id, currency=held.currency, sides=sides)
    await session.execute(
        insert(PaymentTransaction).values(
            id=new_id(),
            payment_id=held.payment_id,
            attempt_id=held.attempt_id,
            kind=kind.value,
            amount_minor=held.amount_minor,
            provider_reference=reference or "",
        )
    )


async def _move_parts(session: AsyncSession, held: Any, sign: int) -> list[ledger.Part]:
    """Add to (sign 1) or take from (-1) what the payment and its orders have got back."""
    refunded = held.refunded_minor + sign * held.amount_minor
    await session.execute(
        update(Payment)
        .where(Payment.id == held.payment_id)
        .values(
            refunded_minor=refunded,
            status=states.status_after_refund(held.captured_minor, refunded).value,
            version=Payment.version + 1,
        )
        .execution_options(synchronize_session=False)
    )
    change = {"sign": sign, "amount": held.amount_minor, "order": held.order_id}
    rows = await session.execute(_GIVE_BACK, change | {"payment": held.payment_id})
    return [
        ledger.Part(
            row.order_id,
            row.merchant_id,
            -sign * (held.amount_minor if held.order_id else row.amount_minor),
        )
        for row in rows
    ]


_LOCKED = (
    select(
        *Refund.__table__.c,
        Payment.captured_minor,
        Payment.refunded_minor,
        (Payment.attempt_id == Refund.attempt_id).label("counts"),
        PaymentAttempt.provider_reference.label("payment_reference"),
    )
    .select_from(Payment)  # rows are locked in this order: payments first, everywhere
    .join(Refund, Refund.payment_id == Payment.id)
    .join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
    .where(Refund.id == bindparam("refund", type_=Uuid()))
    .with_for_update(of=[Payment, Refund])
)
_order = bindparam("order", type_=Uuid())
_GIVE_BACK = (
    update(PaymentAllocation)
    .where(
        PaymentAllocation.payment_id == bindparam("payment", type_=Uuid()),
        (PaymentAllocation.order_id == _order) | _order.is_(None),
    )
    .values(
        refunded_minor=PaymentAllocation.refunded_minor
        + bindparam("sign", type_=BigInteger())
        * case(
            (_order.is_(None), PaymentAllocation.amount_minor),
            else_=bindparam("amount", type_=BigInteger()),
        )
    )
    .returning(
        PaymentAllocation.order_id, PaymentAllocation.merchant_id, PaymentAllocation.amount_minor
    )
    .execution_options(synchronize_session=False)
)
