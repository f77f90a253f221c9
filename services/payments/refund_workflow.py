"""Giving money back across network calls."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select, update

from core.clock import now
from core.db import Database
from models.payments import Payment, PaymentAllocation, PaymentAttempt, Refund, RefundStatus
from services import orders
from services.payments import refund_answers
from services.payments.ports import (
    OutcomeUnknown,
    PaymentProvider,
    ProviderRejected,
    RefundAnswer,
    RefundRequest,
)

log = logging.getLogger(__name__)

# Providers forget keys after a day: repeating a call later than this could move money twice.
KEYS_LIVE: Final = timedelta(hours=23)
_UNDER_WAY = frozenset({RefundStatus.REQUESTED, RefundStatus.PENDING})


async def advance_refund(
    db: Database, providers: Mapping[str, PaymentProvider], refund_id: UUID
) -> None:
    """Bring one refund as far as its provider lets it, then tell the orders.

    The same key each time: the money goes back once, however often this is called.
    """
    async with db.transaction() as session:
        refund = (await session.execute(_REFUND, {"refund": refund_id})).one()
    provider = providers.get(refund.provider)
    is_decided = refund.status not in _UNDER_WAY
    if is_decided or (provider is not None and await _ask(db, provider, refund)):
        await tell_orders(db, refund_id)


async def _ask(db: Database, provider: PaymentProvider, refund: Any) -> bool:
    """Whether the provider gave an answer."""
    if refund.provider_reference is None and now() - refund.created_at > KEYS_LIVE:
        log.error("refund left to staff: too late to repeat", extra={"refund": refund.id})
        return False
    try:
        answer = await _answer(provider, refund)
    except OutcomeUnknown as problem:
        log.warning("no answer: %s", problem, extra={"refund": refund.id})
        return False
    except ProviderRejected as refused:
        log.error("refund refused: %s", refused, extra={"refund": refund.id})  # noqa: TRY400 - ours to correct, not a fault of the code
        async with db.transaction() as session:
            await refund_answers.fail(session, refund_id=refund.id)
        return False
    if answer is None:
        log.error("unknown to its provider", extra={"refund": refund.id})
        return False
    async with db.transaction() as session:
        await refund_answers.apply_refund(session, refund_id=refund.id, answer=answer)
    return True


async def _answer(provider: PaymentProvider, refund: Any) -> RefundAnswer | None:
    if refund.provider_reference is not None:
        return await provider.inquire_refund(refund.provider_reference)
    request = RefundRequest(
        refund_id=refund.id,
        payment_reference=refund.payment_reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
    )
    return await provider.refund(request, idempotency_key=refund.provider_key)


async def tell_orders(db: Database, refund_id: UUID) -> None:
    """Tell the orders how much of them went back by now, once a refund succeeded."""
    async with db.transaction() as session:
        totals = (await session.execute(_TOTALS, {"refund": refund_id})).all()
    if not totals:
        return
    async with db.transaction() as session:
        for order_id, refunded_minor in totals:
            await orders.record_refund(session, order_id=order_id, refunded_minor=refunded_minor)
    async with db.transaction() as session:
        await session.execute(
            update(Refund)
            .where(Refund.id == refund_id)
            .values(settled_at=func.now())
            .execution_options(synchronize_session=False)
        )


_IS_THIS = Refund.id == bindparam("refund", type_=Uuid())
_REFUND = (
    select(
        *Refund.__table__.c,
        PaymentAttempt.provider,
        PaymentAttempt.provider_reference.label("payment_reference"),
    )
    .join(PaymentAttempt, PaymentAttempt.id == Refund.attempt_id)
    .where(_IS_THIS)
)
_TOTALS = (
    select(PaymentAllocation.order_id, PaymentAllocation.refunded_minor)
    .join(Refund, Refund.payment_id == PaymentAllocation.payment_id)
    .join(Payment, Payment.id == Refund.payment_id)
    .where(
        _IS_THIS,
        Refund.status == RefundStatus.SUCCEEDED,
        Refund.settled_at.is_(None),
        Refund.attempt_id == Payment.attempt_id,
        or_(Refund.order_id.is_(None), Refund.order_id == PaymentAllocation.order_id),
    )
    .order_by(PaymentAllocation.order_id)
)
