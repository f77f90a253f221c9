"""The letters that wait, as a test reads them."""

import re
from typing import Any

from sqlalchemy import select

from core.db import Database
from models.mail import QueuedLetter


async def letters(db: Database) -> list[tuple[str, str]]:
    """Kind and recipient of each, oldest first."""
    async with db.transaction() as session:
        rows = (await session.execute(select(QueuedLetter).order_by(QueuedLetter.id))).scalars()
        return [(row.kind, row.recipient) for row in rows]


async def facts_of(db: Database, kind: str) -> dict[str, Any]:
    """What the newest letter of a kind tells."""
    newest = select(QueuedLetter.facts).where(QueuedLetter.kind == kind)
    async with db.transaction() as session:
        found = await session.scalar(newest.order_by(QueuedLetter.id.desc()).limit(1))
    assert found is not None, kind
    return found


async def token_of(db: Database, kind: str) -> str:
    """What the link in the newest letter of a kind proves."""
    link = str((await facts_of(db, kind))["link"])
    found = re.fullmatch(
        r"http://127\.0\.0\.1:8000/[a-z/]+\?token=([\w-]{43})&ui_locales=[\w-]+", link
    )
    assert found is not None, link
    return found[1]
