"""Sign-ins that wait for their second factor: few tries, a few minutes, good once."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import LargeBinary, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, Reader
from models.factors import SignInTicket
from services.accounts import Credentials

LIFETIME: Final = timedelta(minutes=5)
MAX_TRIES: Final = 5
TICKET_BYTES: Final = 32
MAX_CHARACTERS: Final = 128


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose sign-in waits, and what was shown for it already."""

    user_id: UUID
    password_digest: bytes
    amr: Sequence[str]

    def is_for(self, known: Credentials) -> bool:
        """Whether the account is still the one that was shown the first factor."""
        same = hmac.compare_digest(self.password_digest, _digest(known.password_hash))
        return known.user_id == self.user_id and same


async def open_ticket(session: AsyncSession, *, known: Credentials, amr: Sequence[str]) -> str:
    """A new ticket; its text is nowhere else."""
    text = secrets.token_urlsafe(TICKET_BYTES)
    await session.execute(
        insert(SignInTicket).values(
            ticket_hash=_digest(text),
            user_id=known.user_id,
            password_digest=_digest(known.password_hash),
            amr=list(amr),
            expires_at=now() + LIFETIME,
        )
    )
    return text


_OPEN: Final = Query(
    select(SignInTicket.user_id, SignInTicket.password_digest, SignInTicket.amr).where(
        SignInTicket.ticket_hash == bindparam("ticket_hash", type_=LargeBinary()),
        SignInTicket.expires_at > func.now(),
    )
)


async def find_ticket(reader: Reader, text: str) -> Ticket | None:
    """Whose it is; whether it has a try left is for `count_try`."""
    if len(text) > MAX_CHARACTERS:
        return None
    rows = await reader.fetch(_OPEN, ticket_hash=_digest(text))
    return Ticket(*rows[0].values()) if rows else None


async def count_try(session: AsyncSession, text: str) -> bool:
    """Take one of the ticket's tries; False: there is none. Locks the ticket.

    The caller's transaction must be kept whatever comes of the try. Of several at once with one
    ticket each waits for the one before.
    """
    counted = (
        update(SignInTicket)
        .where(
            SignInTicket.ticket_hash == _digest(text),
            SignInTicket.tries < MAX_TRIES,
            SignInTicket.expires_at > now(),
        )
        .values(tries=SignInTicket.tries + 1)
    )
    taken: Any = await session.execute(counted)
    return bool(taken.rowcount)


async def use_ticket(session: AsyncSession, text: str) -> None:
    await session.execute(delete(SignInTicket).where(SignInTicket.ticket_hash == _digest(text)))


async def delete_expired(session: AsyncSession, *, before: datetime) -> int:
    """Housekeeping; how many went."""
    gone: Any = await session.execute(delete(SignInTicket).where(SignInTicket.expires_at < before))
    return int(gone.rowcount)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
