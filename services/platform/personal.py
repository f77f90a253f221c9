"""Files, jobs and tokens as a person's own: for a copy of their data, and when they are erased."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Statement
from models.oauth import AuthorizationCode, Consent, OAuthClient
from models.platform import AppToken, IdempotencyKey, Job, Upload
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    mine: dict[str, Statement] = {
        "uploads": select(Upload.filename, Upload.purpose, Upload.size, Upload.created_at).where(
            Upload.owner_id == user_id
        ),
        "jobs": select(Job.kind, Job.status, Job.created_at).where(Job.owner_id == user_id),
        "app_tokens": select(AppToken.name, AppToken.permissions, AppToken.created_at).where(
            AppToken.creator_id == user_id
        ),
        "connected_apps": select(OAuthClient.name, Consent.scopes, Consent.granted_at)
        .join(OAuthClient, OAuthClient.id == Consent.client_id)
        .where(Consent.user_id == user_id),
    }
    return await copied(session, mine)


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    """Programs that a person let in end with them; what files were called may tell of them."""
    await session.execute(
        update(AppToken)
        .where(AppToken.creator_id == user_id, AppToken.revoked_at.is_(None))
        .values(revoked_at=now())
    )
    for table in (Consent, AuthorizationCode):
        await session.execute(delete(table).where(table.user_id == user_id))
    await session.execute(update(Upload).where(Upload.owner_id == user_id).values(filename=""))
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.caller_id == user_id))
