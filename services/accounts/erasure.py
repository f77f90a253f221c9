"""What is left of an account when its person is erased: a row that stands for nobody.

Orders and payments point to it, which the law wants kept; it has no name, address or password.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from models.accounts import Address, Proof, RefreshToken, Session, User
from models.oauth import AuthorizationCode, Consent
from services import audit, events, mail
from services.accounts import proofs

NOBODY: Final = "erased.invalid"  # no mail server will ever have it. Source: RFC 2606


async def erase_person(session: AsyncSession, *, user_id: UUID, email: str) -> None:
    """Take the person out of everything that accounts keep. The user's row is locked."""
    sessions = select(Session.id).where(Session.user_id == user_id)
    await session.execute(delete(RefreshToken).where(RefreshToken.session_id.in_(sessions)))
    for table in (Session, Proof, Address, AuthorizationCode, Consent):
        await session.execute(delete(table).where(table.user_id == user_id))
    blank: dict[str, Any] = {
        "email": f"{user_id.hex}@{NOBODY}",
        "password_hash": "!",
        "first_name": "",
        "last_name": "",
        "phone": None,
        "is_active": False,
        "email_verified_at": None,
        "platform_permissions": [],
        "erase_after": None,
        "erased_at": now(),
        "version": User.version + 1,
    }
    await session.execute(update(User).where(User.id == user_id).values(blank))
    await proofs.forget_address(session, email)
    await mail.forget_recipient(session, email)
    await events.record(session, events.event("UserErased", user_id))
    await audit.erase_person(session, user_id, email=email)
    await audit.record(session, audit.entry("ACCOUNT_ERASED", "User", user_id))
