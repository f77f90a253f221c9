"""Ways to sign in as a person's own: copied for them, taken from a thief, erased with them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Statement
from models.factors import Identity, Passkey, RecoveryCode, SignInTicket, Totp
from services import audit
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    """Passkeys and identities; no secret is among it."""
    mine: dict[str, Statement] = {
        "passkeys": select(
            Passkey.name, Passkey.is_synced, Passkey.created_at, Passkey.last_used_at
        ).where(Passkey.user_id == user_id),
        "identities": select(
            Identity.provider, Identity.issuer, Identity.subject, Identity.created_at
        ).where(Identity.user_id == user_id),
        "one_time_codes": select(Totp.created_at, Totp.confirmed_at).where(Totp.user_id == user_id),
    }
    return await copied(session, mine)


async def distrust(session: AsyncSession, *, user_id: UUID, since: datetime) -> None:
    """Remove the ways to sign in that were added since somebody else may have had the account.

    Recovery codes belong to the one-time codes, and go with them.
    """
    removed: dict[str, int] = {}
    for table in (Totp, Passkey, Identity):
        newer = delete(table).where(table.user_id == user_id, table.created_at >= since)
        gone: Any = await session.execute(newer)
        removed[table.__tablename__] = gone.rowcount
    if removed[Totp.__tablename__]:
        await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await session.execute(delete(SignInTicket).where(SignInTicket.user_id == user_id))
    if any(removed.values()):
        distrusted = audit.entry("WAYS_TO_SIGN_IN_REMOVED", "User", user_id, before=removed)
        await audit.record(session, distrusted)


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    for table in (Totp, RecoveryCode, Passkey, Identity, SignInTicket):
        await session.execute(delete(table).where(table.user_id == user_id))
