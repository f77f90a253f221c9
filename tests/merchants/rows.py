"""What tests look up behind the API's back."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Database
from models.audit import AuditEntry
from models.mail import QueuedLetter
from models.merchants import Membership
from models.outbox import OutboxEvent


async def actions(session: AsyncSession) -> list[str]:
    """What the audit log tells, in its order."""
    return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


async def kinds(session: AsyncSession) -> list[str]:
    """What the outbox tells, in its order."""
    return list(await session.scalars(select(OutboxEvent.kind).order_by(OutboxEvent.id)))


async def told(db: Database) -> tuple[int, int]:
    """How many entries of the audit log and events there are: a refusal adds none."""
    async with db.transaction() as session:
        return len(await actions(session)), len(await kinds(session))


async def members(db: Database, merchant_id: Any) -> dict[Any, tuple[bool, list[str]]]:
    """User -> whether they own the merchant, and their permissions."""
    async with db.transaction() as session:
        found = await session.scalars(
            select(Membership).where(Membership.merchant_id == merchant_id)
        )
        return {row.user_id: (row.is_owner, row.permissions) for row in found}


async def the_letter(db: Database, email: str) -> dict[str, Any]:
    """The facts of the newest invitation to an address."""
    async with db.transaction() as session:
        facts = await session.scalar(
            select(QueuedLetter.facts)
            .where(QueuedLetter.recipient == email, QueuedLetter.kind == "STAFF_INVITATION")
            .order_by(QueuedLetter.id.desc())
            .limit(1)
        )
    assert facts, "a letter was sent"
    return facts


async def token_of_letter(db: Database, email: str) -> str:
    """The proof in it."""
    token: str = (await the_letter(db, email))["link"].partition("?token=")[2]
    return token.partition("&")[0]
