"""Housekeeping that runs in one transaction of ours."""

from core.clock import now
from core.db import Database
from services import accounts


async def forget_ended_sign_ins(db: Database) -> int:
    """Refresh tokens that nobody can use any more, and sign-ins that have none left."""
    async with db.transaction() as session:
        return await accounts.delete_ended(session, before=now())
