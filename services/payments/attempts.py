"""What a provider's answer does to an attempt: the one place where all who ask it meet."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.ids import new_id
from models.payments import (
    AttemptState,
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentTransaction,
)
from services import audit, events
from services.payments import ledger, refunds, states
from services.payments.ports import (
    FailureCode,
    Inquiry,
    PaymentRequest,
    PaymentState,
    ProviderAnswer,
    ThreeDSecure,
)

log = logging.getLogger(__name__)


class Attempt(NamedTuple):
    """What asking the provider needs to know of an attempt."""

    id: UUID
    payment_id: UUID
    provider: str
    provider_key: str
    provider_reference: str | None
    payment_method: str
    return_url: str | None
    currency: str
    amount_minor: int
    state: AttemptState
    created_at: datetime

    @property
    def request(self) -> PaymentRequest:
        return PaymentRequest(
            attempt_id=self.id,
            amount_minor=self.amount_minor,
            currency=self.currency,
            payment_method=self.payment_method,
            return_url=self.return_url,
        )

    @property
    def inquiry(self) -> Inquiry:
        return Inquiry(self.id, called_since=self.created_at, reference=self.provider_reference)

    @property
    def refused(self) -> ProviderAnswer:
        """What it comes to when the provider made nothing of it."""
        return ProviderAnswer(
            state=PaymentState.FAILED,
            reference=None,
            attempt_id=self.id,
            amount_minor=self.amount_minor,
            currency=self.currency,
            failure_code=FailureCode.PROCESSING_ERROR,
            failure_message="The payment could not be processed. Please try again.",
        )


class Standing(NamedTuple):
    """How an attempt and its payment stand; `is_unsettled`: the orders must hear of the money."""

    payment_id: UUID
    state: AttemptState
    is_unsettled: bool


_FIELDS = [getattr(PaymentAttempt, name) for name in Attempt._fields]


async def read(session: AsyncSession, condition: Any) -> Attempt | None:
    """The latest attempt of which a condition holds."""
    found = select(*_FIELDS).where(condition).order_by(PaymentAttempt.id.desc()).limit(1)
    row = (await session.execute(found)).first()
    return Attempt(*row)._replace(state=AttemptState(row.state)) if row else None


async def apply(session: AsyncSession, *, attempt_id: UUID, answer: ProviderAnswer) -> Standing:
    """Take note of what a provider said of an attempt, whoever asked: callback, shopper, sweeper.

    The attempt moves forward only; the same again, or something older, is a no-op. An answer of
    another amount, currency or attempt is never believed. Locks the payment and the attempt.
    """
    held = (await session.execute(_LOCKED, {"attempt": attempt_id})).one()
    state = AttemptState(answer.state.value)
    current = AttemptState(held.state)
    if not _is_about(held, answer):
        log.error("answer contradicts attempt", extra={"attempt": attempt_id, "said": state})
        return _standing(held, current)
    if states.ATTEMPT_RANK[state] <= states.ATTEMPT_RANK[current]:
        return _standing(held, current)
    await _move(session, held, state, answer)
    is_taken = state is AttemptState.CAPTURED and not held.captured_minor
    return _standing(held, state, is_taken=is_taken)


def _standing(held: Any, state: AttemptState, *, is_taken: bool = False) -> Standing:
    was_unsettled = held.captured_minor > 0 and held.settled_at is None
    return Standing(held.payment_id, state, is_unsettled=is_taken or was_unsettled)


def _is_about(held: Any, answer: ProviderAnswer) -> bool:
    is_whole = (
        answer.state is not PaymentState.CAPTURED or answer.captured_minor == held.amount_minor
    )
    return (
        is_whole
        and answer.attempt_id == held.id
        and answer.amount_minor == held.amount_minor
        and answer.currency == held.currency
        and held.provider_reference in {None, answer.reference}
    )


async def _move(
    session: AsyncSession, held: Any, state: AttemptState, answer: ProviderAnswer
) -> None:
    moment = now()
    await session.execute(
        update(PaymentAttempt)
        .where(PaymentAttempt.id == held.id)
        .values(
            state=state.value,
            provider_reference=answer.reference,
            next_action=_shown(answer.next_action),
            failure_code=answer.failure_code,
            failure_message=answer.failure_message,
            check_at=states.next_check(held.created_at, moment),
        )
        .execution_options(synchronize_session=False)
    )
    await _move_payment(session, held, state)
    if state in states.TRANSACTION:
        await session.execute(
            insert(PaymentTransaction).values(
                id=new_id(),
                payment_id=held.payment_id,
                attempt_id=held.id,
                kind=states.TRANSACTION[state].value,
                amount_minor=held.amount_minor,
                provider_reference=answer.reference or "",
            )
        )
    if state is AttemptState.CAPTURED:
        await _book(session, held)
    facts = {
        "order_group_id": held.order_group_id.hex,
        "attempt_id": held.id.hex,
        "amount_minor": held.amount_minor,
        "currency": held.currency,
        "version": held.version + 1,
    }
    await events.record(session, events.event(states.EVENT[state], held.payment_id, **facts))
    told = {**facts, "state": state.value, "failure_code": answer.failure_code}
    await audit.record(
        session,
        audit.entry(
            states.AUDIT_ACTION[state],
            "Payment",
            held.payment_id,
            before={"state": held.state},
            after=told,
        ),
    )


async def _move_payment(session: AsyncSession, held: Any, state: AttemptState) -> None:
    """Money that was taken decides what the payment is; other attempts no longer do."""
    values: dict[str, Any] = {"version": Payment.version + 1}
    if not held.captured_minor:
        values["status"] = states.STATUS[state].value
        if state is AttemptState.CAPTURED:
            values |= {"captured_minor": held.amount_minor, "attempt_id": held.id}
    await session.execute(
        update(Payment)
        .where(Payment.id == held.payment_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


async def _book(session: AsyncSession, held: Any) -> None:
    """The first capture is split among the orders; a second one is given back."""
    is_second = bool(held.captured_minor)
    parts: Sequence[Any] = []
    if not is_second:
        parts = (await session.execute(_PARTS, {"payment": held.payment_id})).all()
    sides = ledger.taken(held.amount_minor, [ledger.Part(*part) for part in parts])
    await ledger.post(session, payment_id=held.payment_id, currency=held.currency, sides=sides)
    if is_second:
        log.error("captured twice", extra={"payment": held.payment_id, "attempt": held.id})
        await refunds.request_whole(
            session,
            payment_id=held.payment_id,
            attempt_id=held.id,
            currency=held.currency,
            amount_minor=held.amount_minor,
            reason_key=f"duplicate:{held.id.hex}",
        )


def _shown(action: ThreeDSecure | None) -> dict[str, Any] | None:
    if action is None:
        return None
    return {"redirect_url": action.redirect_url, "client_secret": action.client_secret}


async def being_paid(db: Database, group_ids: Sequence[UUID]) -> set[UUID]:
    """Which of the groups have an attempt that nobody knows the outcome of, or unsettled money."""
    async with db.transaction() as session:
        return set(await session.scalars(_BEING_PAID, {"groups": list(group_ids)}))


_LOCKED = (
    select(
        *(column for column in PaymentAttempt.__table__.c if column.name != "updated_at"),
        Payment.order_group_id,
        Payment.captured_minor,
        Payment.settled_at,
        Payment.version,
    )
    .select_from(Payment)  # rows are locked in this order: payments first, everywhere
    .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
    .where(PaymentAttempt.id == bindparam("attempt", type_=Uuid()))
    .with_for_update()
)
_PARTS = (
    select(
        PaymentAllocation.order_id, PaymentAllocation.merchant_id, PaymentAllocation.amount_minor
    )
    .where(PaymentAllocation.payment_id == bindparam("payment", type_=Uuid()))
    .order_by(PaymentAllocation.order_id)
)
_BEING_PAID = (
    select(Payment.order_group_id)
    .outerjoin(
        PaymentAttempt,
        (PaymentAttempt.payment_id == Payment.id) & PaymentAttempt.state.in_(sorted(states.OPEN)),
    )
    .where(
        Payment.order_group_id == any_(bindparam("groups", type_=ARRAY(Uuid()))),
        or_(
            PaymentAttempt.id.is_not(None),
            (Payment.captured_minor > 0) & Payment.settled_at.is_(None),
        ),
    )
)
