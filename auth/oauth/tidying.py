"""Housekeeping: what has ended and is of no use any more."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from models.oauth import AuthorizationCode, BrowserSignIn, ClientAssertion, DeviceGrant, EndedToken

# Codes that were used are kept so long, to end what they got when they come again.
REPLAYS_NOTICED: Final = timedelta(days=1)


async def delete_expired(session: AsyncSession, *, before: datetime) -> int:
    """How many rows went."""
    gone = 0
    for table, moment in (
        (AuthorizationCode, before - REPLAYS_NOTICED),
        (DeviceGrant, before),
        (BrowserSignIn, before),
        (ClientAssertion, before),
        (EndedToken, before),
    ):
        deleted: Any = await session.execute(delete(table).where(table.expires_at < moment))
        gone += deleted.rowcount
    return gone
