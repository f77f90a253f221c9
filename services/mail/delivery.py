"""Sending what waits: claim, hand over, forget. No transaction is open while a server thinks.

A claim is a turn that ends by itself: whoever dies between handing over and forgetting leaves a
letter that is sent a second time, and none is ever lost.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select, update

from core.clock import now
from core.db import Database
from models.mail import QueuedLetter
from services.mail.ports import DeliveryFailed, Postman, Undeliverable
from services.mail.queue import Letter

AT_ONCE: Final = 8
TURN: Final = timedelta(minutes=2)  # longer than any delivery takes
DELIVERY_SECONDS: Final = 60.0
TIME_TO_GIVE_UP: Final = timedelta(days=2)  # a link in it would have expired
FIRST_PAUSE: Final = timedelta(seconds=15)
LONGEST_PAUSE: Final = timedelta(hours=1)

log = logging.getLogger("mail")


async def deliver_due(db: Database, postman: Postman, *, turn: timedelta = TURN) -> int:
    """Try what is due, a few letters at a time; how many were tried.

    A letter that meets a fault of ours holds up no other, and is tried again after its turn.
    """
    claimed = await _claim(db, turn)
    tries = (_try(db, postman, letter, attempts) for letter, attempts in claimed)
    for outcome in await asyncio.gather(*tries, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
    return len(claimed)


def pause_after(attempts: int) -> timedelta:
    """Doubles from try to try."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)


async def _claim(db: Database, turn: timedelta) -> list[tuple[Letter, int]]:
    """Letters that are ours until the turn ends, and which try this is."""
    moment = now()
    due = (
        select(QueuedLetter.id)
        .where(QueuedLetter.due_at <= moment)
        .order_by(QueuedLetter.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    claimed = (
        update(QueuedLetter)
        .where(QueuedLetter.id == due.c.id)
        .values(due_at=moment + turn, attempts=QueuedLetter.attempts + 1)
        .returning(*QueuedLetter.__table__.c)
    )
    async with db.transaction() as session:
        rows = (await session.execute(claimed)).all()
    return [
        (Letter(row.kind, row.recipient, row.language, row.facts, row.id), row.attempts)
        for row in rows
    ]


async def _try(db: Database, postman: Postman, letter: Letter, attempts: int) -> None:
    try:
        async with asyncio.timeout(DELIVERY_SECONDS):
            await postman.deliver(letter)
    except Undeliverable as refusal:
        log.warning("letter given up", extra=_about(letter, attempts, refusal))
        await _forget(db, letter.id)
    except (DeliveryFailed, TimeoutError) as failure:
        log.warning("letter not delivered", extra=_about(letter, attempts, failure))
        await _postpone(db, letter.id, attempts)
    else:
        await _forget(db, letter.id)


def _about(letter: Letter, attempts: int, problem: Exception) -> dict[str, object]:
    """For the log: neither the address nor what is written."""
    about = str(problem) or type(problem).__name__
    return {"letter": letter.id.hex, "kind": letter.kind, "attempts": attempts, "problem": about}


async def _postpone(db: Database, letter_id: UUID, attempts: int) -> None:
    """Until the next try, or for ever when the letter has become too old to help anybody."""
    moment = now()
    this = QueuedLetter.id == letter_id
    is_old = QueuedLetter.created_at < moment - TIME_TO_GIVE_UP
    gone = delete(QueuedLetter).where(this, is_old).returning(QueuedLetter.id)
    later = update(QueuedLetter).where(this).values(due_at=moment + pause_after(attempts))
    async with db.transaction() as session:
        is_given_up = (await session.execute(gone)).first() is not None
        if not is_given_up:
            await session.execute(later)
    if is_given_up:
        log.error("letter given up", extra={"letter": letter_id.hex, "attempts": attempts})


async def _forget(db: Database, letter_id: UUID) -> None:
    async with db.transaction() as session:
        await session.execute(delete(QueuedLetter).where(QueuedLetter.id == letter_id))
