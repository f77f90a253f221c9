"""Paying across network calls: transaction, call without one, transaction.

Every step can be repeated with the same keys, so that a worker finishes what a process left.
"""

import logging
from collections.abc import Awaitable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.errors import NotFound
from core.identity import Caller
from models.payments import AttemptState, Payment, PaymentAttempt
from services import idempotency, orders
from services.idempotency import Claim
from services.payments import attempts, starting, states
from services.payments.attempts import Attempt
from services.payments.errors import PaymentInProgress
from services.payments.ports import (
    PaymentProvider,
    PaymentState,
    ProviderAnswer,
    ProviderError,
    ProviderRejected,
)
from services.payments.settling import settle_group
from services.payments.starting import AwaitsShopper, NewPayment, Started

log = logging.getLogger(__name__)

CONFIRM: Final = "paymentConfirm"
# No request can still be on its way: what the provider does not know by now, it never will.
GIVE_UP_AFTER: Final = timedelta(minutes=5)
Providers = Mapping[str, PaymentProvider]


async def initialize(
    db: Database,
    providers: Providers,
    caller: Caller,
    wanted: NewPayment,
    *,
    idempotency_key: str,
    payment_window: timedelta,
) -> UUID:
    """Pay an order group: the payment, after one try as far as the provider lets it come.

    An earlier attempt that waits for its shopper is given up at the provider first. When the
    provider does not answer, the attempt stays open and a worker finishes it.

    Raises: InvalidInput, PaymentMethodUnavailable, NotFound, NotAllowedInState, PaymentInProgress,
    IdempotencyConflict.
    """
    starting.check(wanted)
    name, provider = starting.provider_of(providers, wanted.method)

    start = partial(
        _start,
        db,
        caller,
        wanted,
        provider=name,
        key=idempotency_key,
        payment_window=payment_window,
    )
    try:
        started = await start()
    except AwaitsShopper as waiting:
        await give_up(db, providers, waiting.attempt_id)
        try:
            started = await start()
        except AwaitsShopper:
            raise PaymentInProgress(payment_id=waiting.payment_id, path=("orderGroupId",)) from None
    if started.attempt is not None:
        await _conclude(db, providers, started.attempt, _authorize(provider, started.attempt))
    return started.payment_id


async def _start(
    db: Database,
    caller: Caller,
    wanted: NewPayment,
    *,
    provider: str,
    key: str,
    payment_window: timedelta,
) -> Started:
    """One transaction with the orders, one with the payments. Raises: AwaitsShopper too."""
    try:
        async with db.transaction() as session:
            payable = await orders.begin_payment(
                session, caller, group_id=wanted.order_group_id, payment_window=payment_window
            )
    except orders.NotAllowedInState as refused:
        return await _replay(db, caller, wanted, key, refused)
    async with db.transaction() as session:
        return await starting.start(session, payable, wanted, provider=provider, key=key)


async def _replay(
    db: Database,
    caller: Caller,
    wanted: NewPayment,
    key: str,
    refused: orders.NotAllowedInState,
) -> Started:
    """The caller's group awaits no payment, perhaps because this very request paid it before."""
    assert caller.subject is not None, "who owns a group is somebody"
    async with db.transaction() as session:
        known = await starting.replayed(
            session, wanted, Claim(caller.subject, starting.MUTATION, key)
        )
        if known is None:
            raise refused  # and the key is free again
    return Started(known, None)


async def confirm(
    db: Database,
    providers: Providers,
    caller: Caller,
    *,
    payment_id: UUID,
    idempotency_key: str,
) -> UUID:
    """Ask the provider how the caller's payment stands: after the bank's page, for example.

    Raises: NotFound, IdempotencyConflict, InvalidInput.
    """
    async with db.transaction() as session:
        mine = (Payment.id == payment_id) & (Payment.owner_id == caller.subject)
        if caller.subject is None or await session.scalar(select(Payment.id).where(mine)) is None:
            raise NotFound(kind="Payment", id=payment_id, path=("paymentId",))
        claim = Claim(caller.subject, CONFIRM, idempotency_key)
        about = {"payment_id": payment_id}
        if await idempotency.begin(session, claim, arguments=about) is not None:
            return payment_id
        await idempotency.finish(session, claim, result=about)
        attempt = await attempts.read(session, PaymentAttempt.payment_id == payment_id)
    if attempt is not None and attempt.state in states.OPEN:
        await advance(db, providers, attempt.id)
    else:
        await settle_group(db, providers, payment_id)
    return payment_id


async def advance(db: Database, providers: Providers, attempt_id: UUID) -> AttemptState:
    """Bring one attempt as far as the provider lets it, asking first what became of it.

    A final state is left alone. No transaction is open while the provider thinks.
    """
    async with db.transaction() as session:
        attempt = await _attempt(session, attempt_id)
    provider = providers.get(attempt.provider)
    if provider is None or attempt.state not in states.OPEN:
        return attempt.state
    return await _conclude(db, providers, attempt, _ask_again(provider, attempt))


async def reread(
    db: Database, providers: Providers, attempt: Attempt, *, reference: str | None
) -> None:
    """Ask about an attempt whatever its state: a callback says that something happened.

    reference: the provider's id of it, which we may not know yet.

    Raises: OutcomeUnknown, ProviderRejected.
    """
    known = attempt._replace(provider_reference=attempt.provider_reference or reference)
    answer = await providers[attempt.provider].inquire(known.inquiry)
    if answer is not None:
        await _take_note(db, providers, attempt, answer)


async def give_up(db: Database, providers: Providers, attempt_id: UUID) -> AttemptState:
    """Cancel an attempt at the provider; it may turn out to be paid."""
    async with db.transaction() as session:
        attempt = await _attempt(session, attempt_id)
    provider, reference = providers.get(attempt.provider), attempt.provider_reference
    if provider is None or reference is None or attempt.state not in states.OPEN:
        return attempt.state
    cancelling = provider.cancel(reference, idempotency_key=f"cancel:{attempt_id.hex}")
    return await _conclude(db, providers, attempt, cancelling)


async def _attempt(session: AsyncSession, attempt_id: UUID) -> Attempt:
    attempt = await attempts.read(session, PaymentAttempt.id == attempt_id)
    assert attempt is not None, "attempts are never deleted"
    return attempt


async def _authorize(provider: PaymentProvider, attempt: Attempt) -> ProviderAnswer:
    """Raises: OutcomeUnknown."""
    try:
        return await provider.authorize(attempt.request, idempotency_key=attempt.provider_key)
    except ProviderRejected as refused:
        log.error("payment refused: %s", refused, extra={"attempt": attempt.id})  # noqa: TRY400 - no stack: its frames hold the token
        return attempt.refused


async def _ask_again(provider: PaymentProvider, attempt: Attempt) -> ProviderAnswer | None:
    """What became of an attempt; the call is repeated when the provider has never heard of it.

    Raises: OutcomeUnknown, ProviderRejected.
    """
    known = await provider.inquire(attempt.inquiry)
    if known is not None and known.state is PaymentState.AUTHORIZED and known.reference:
        key = f"capture:{attempt.id.hex}"
        return await provider.capture(known.reference, idempotency_key=key)
    if known is not None or attempt.state is not AttemptState.CREATED:
        return known
    if now() - attempt.created_at > GIVE_UP_AFTER:
        return attempt.refused
    return await _authorize(provider, attempt)


async def _conclude(
    db: Database,
    providers: Providers,
    attempt: Attempt,
    asked: Awaitable[ProviderAnswer | None],
) -> AttemptState:
    """Take note of the answer; without one the attempt stays as it is, for the sweeper."""
    try:
        answer = await asked
    except ProviderError as problem:
        log.warning("no answer: %s", problem, extra={"attempt": attempt.id})
        return attempt.state
    if answer is None:
        log.warning("unknown to its provider", extra={"attempt": attempt.id})
        return attempt.state
    return await _take_note(db, providers, attempt, answer)


async def _take_note(
    db: Database, providers: Providers, attempt: Attempt, answer: ProviderAnswer
) -> AttemptState:
    async with db.transaction() as session:
        standing = await attempts.apply(session, attempt_id=attempt.id, answer=answer)
    if standing.is_unsettled:
        await settle_group(db, providers, standing.payment_id)
    return standing.state
