"""Callbacks of providers: kept first, answered, then looked into."""

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from core.db import Database
from models.payments import AttemptState, PaymentAttempt, ProviderEvent, Refund
from services.payments import attempts, ports, refund_answers, states, workflows
from services.payments.ports import PaymentProvider, ProviderError
from services.payments.refund_workflow import tell_orders

log = logging.getLogger(__name__)


async def receive(db: Database, provider: str, event: ports.ProviderEvent) -> bool:
    """Keep a verified callback; False when it was delivered before."""
    row = {
        "provider": provider,
        "event_id": event.event_id,
        "kind": event.kind,
        "attempt_id": event.attempt_id,
        "payment_reference": event.payment_reference,
        "refund_reference": event.refund_reference,
        "check_at": func.now() + states.FIRST_CHECK,
    }
    kept = insert(ProviderEvent).values(row).on_conflict_do_nothing()
    async with db.transaction() as session:
        made = await session.execute(kept.returning(ProviderEvent.event_id))
        return made.first() is not None


async def look_into(
    db: Database, providers: Mapping[str, PaymentProvider], *, provider: str, event_id: str
) -> None:
    """Read again what a callback is about. It stays to be done when the provider is silent."""
    this = _is(provider, event_id)
    async with db.transaction() as session:
        event = (await session.execute(select(*ProviderEvent.__table__.c).where(this))).one()
    if event.handled_at is not None or provider not in providers:
        return
    try:
        if event.refund_reference is not None:
            await _refund(db, providers[provider], event)
        else:
            await _payment(db, providers, event)
    except ProviderError as problem:
        log.warning("no answer: %s", problem, extra={"event": event_id})
        return
    async with db.transaction() as session:
        await session.execute(update(ProviderEvent).where(this).values(handled_at=func.now()))


async def _payment(db: Database, providers: Mapping[str, PaymentProvider], event: Any) -> None:
    """Raises: ProviderError."""
    reference: ColumnElement[bool] = (PaymentAttempt.provider == event.provider) & (
        PaymentAttempt.provider_reference == event.payment_reference
    )
    async with db.transaction() as session:
        attempt = await attempts.read(
            session, or_(PaymentAttempt.id == event.attempt_id, reference)
        )
    if attempt is None or attempt.provider != event.provider:
        log.warning("callback of an unknown payment", extra=_about(event))
    elif attempt.state is not AttemptState.CAPTURED:
        await workflows.reread(db, providers, attempt, reference=event.payment_reference)


async def _refund(db: Database, provider: PaymentProvider, event: Any) -> None:
    """Raises: ProviderError."""
    answer = await provider.inquire_refund(event.refund_reference)
    if answer is None or not await _is_ours(db, answer.refund_id):
        log.warning("callback of an unknown refund", extra=_about(event))
        return
    assert answer.refund_id is not None, "one of ours has our id"
    async with db.transaction() as session:
        await refund_answers.apply_refund(session, refund_id=answer.refund_id, answer=answer)
    await tell_orders(db, answer.refund_id)


async def _is_ours(db: Database, refund_id: UUID | None) -> bool:
    async with db.transaction() as session:
        return await session.scalar(select(Refund.id).where(Refund.id == refund_id)) is not None


def _about(event: Any) -> dict[str, str]:
    return {"event": event.event_id, "kind": event.kind, "provider": event.provider}


def _is(provider: str, event_id: str) -> ColumnElement[bool]:
    return (ProviderEvent.provider == provider) & (ProviderEvent.event_id == event_id)
