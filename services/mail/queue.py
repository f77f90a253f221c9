"""Letters to be sent: written in the transaction of what they tell about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.mail import QueuedLetter


@dataclass(frozen=True, slots=True)
class Letter:
    """kind: the name of its template; facts: plain JSON values that it is filled with.

    id: makes it the same letter however often it is tried.
    """

    kind: str
    to: str = field(repr=False)
    language: str = "en"
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    id: UUID = field(default_factory=new_id)


async def send(session: AsyncSession, *letters: Letter) -> None:
    """Put letters into the queue: they leave if, and only if, the transaction commits."""
    rows = [
        {
            "id": letter.id,
            "kind": letter.kind,
            "recipient": letter.to,
            "language": letter.language,
            "facts": dict(letter.facts),
        }
        for letter in letters
    ]
    if rows:
        await session.execute(insert(QueuedLetter).values(rows))


async def forget_recipient(session: AsyncSession, email: str) -> None:
    """Letters to an address that must not be written to any more."""
    await session.execute(delete(QueuedLetter).where(QueuedLetter.recipient == email))
