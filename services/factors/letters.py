"""Whoever did not change how their account is entered must hear that somebody did."""

from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services import mail


class Change(StrEnum):
    """What a letter of kind SIGN_IN_CHANGED tells."""

    CODES_ON = "CODES_ON"
    CODES_OFF = "CODES_OFF"
    RECOVERY_CODE_USED = "RECOVERY_CODE_USED"
    RECOVERY_CODES_RENEWED = "RECOVERY_CODES_RENEWED"
    PASSKEY_ADDED = "PASSKEY_ADDED"
    PASSKEY_REMOVED = "PASSKEY_REMOVED"
    PROVIDER_LINKED = "PROVIDER_LINKED"
    PROVIDER_UNLINKED = "PROVIDER_UNLINKED"


async def tell(session: AsyncSession, user: Any, change: Change) -> None:
    """user: the user's row."""
    facts = {"change": change.value}
    await mail.send(session, mail.Letter("SIGN_IN_CHANGED", user.email, user.language, facts))
