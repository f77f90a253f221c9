"""What time does to payments: whatever a process left is brought to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import and_, func, select, text, update

from core.clock import now
from core.db import Database
from models.base import Base
from models.payments import (
    OPEN_ATTEMPTS,
    OPEN_REFUNDS,
    AttemptState,
    Payment,
    PaymentAttempt,
    ProviderEvent,
    Refund,
)
from services.payments import callbacks, states, workflows
from services.payments.ports import PaymentProvider
from services.payments.refund_workflow import advance_refund
from services.payments.settling import settle_group

log = logging.getLogger(__name__)

BATCH: Final = 10
_CAN_BE_GIVEN_UP: Final = frozenset({AttemptState.PENDING, AttemptState.ACTION_REQUIRED})


async def sweep(
    db: Database, providers: Mapping[str, PaymentProvider], *, payment_window: timedelta
) -> int:
    """Finish a few open attempts, callbacks, refunds and captures; tells how many were taken up.

    What is taken up comes again at twice its age: no provider promises to call back, and one that
    is down is not asked without end. Several workers may sweep at the same time.
    payment_window: how long a shopper may take for the bank's question.
    """
    async with db.transaction() as session:
        attempts = (await session.execute(_ATTEMPTS)).all()
        events = (await session.execute(_EVENTS)).all()
        refunds = (await session.execute(_REFUNDS)).all()
        captures = (await session.execute(_CAPTURES)).all()
    latest = now() - payment_window
    await _all([_attempt(db, providers, row, latest) for row in attempts])
    await _all(
        [
            callbacks.look_into(db, providers, provider=row.provider, event_id=row.event_id)
            for row in events
        ]
    )
    settled = await _all([settle_group(db, providers, row.id) for row in captures])
    await _all([advance_refund(db, providers, row.id) for row in refunds])
    return len(attempts) + len(events) + len(refunds) + settled.count(True)


async def _attempt(
    db: Database, providers: Mapping[str, PaymentProvider], row: Any, latest: Any
) -> None:
    if row.created_at < latest and row.state in _CAN_BE_GIVEN_UP:
        await workflows.give_up(db, providers, row.id)
    else:
        await workflows.advance(db, providers, row.id)


async def _all(work: Sequence[Awaitable[Any]]) -> list[Any]:
    """At the same time: one that waits for its provider does not hold up the others."""
    outcomes = await asyncio.gather(*work, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            log.error("left for later", exc_info=outcome)
    return outcomes


def _claim(model: type[Base], is_open: Any, since: Any, *returned: Any) -> Any:
    """Take the oldest due rows, and put off their next turn, so that nobody else takes them."""
    table: Any = model.__table__
    keys = list(table.primary_key)
    due = (
        select(*keys)
        .where(is_open, table.c.check_at <= func.now())
        .order_by(table.c.check_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(table)
        .where(and_(*(key == due.c[key.name] for key in keys)))
        .values(check_at=states.next_check_in_sql(since))
        .returning(*keys, *returned)
    )


_ATTEMPTS = _claim(
    PaymentAttempt,
    text(OPEN_ATTEMPTS),
    PaymentAttempt.created_at,
    PaymentAttempt.created_at,
    PaymentAttempt.state,
)
_EVENTS = _claim(ProviderEvent, ProviderEvent.handled_at.is_(None), ProviderEvent.received_at)
_REFUNDS = _claim(Refund, text(f"({OPEN_REFUNDS})"), Refund.created_at)
_unsettled = (
    select(Payment.id)
    .where(
        Payment.captured_minor > 0,
        Payment.settled_at.is_(None),
        Payment.updated_at < func.now() - states.SHORTEST_WAIT,
    )
    .order_by(Payment.updated_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("unsettled")
)
_CAPTURES = (  # what fails goes behind the others
    update(Payment)
    .where(Payment.id == _unsettled.c.id)
    .values(updated_at=func.now())
    .returning(Payment.id)
    .execution_options(synchronize_session=False)
)
