"""Uploads: the transaction that announces one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import clock
from models.platform import UploadPurpose
from resolvers.context import RequestContext
from services import media


@dataclass(frozen=True, slots=True)
class StagedUpload:
    """Where a file may be sent to, until when, and how long it may be."""

    id: UUID
    url: str
    expires_at: datetime
    maximum_bytes: int


async def staged_upload_create(
    ctx: RequestContext, *, purpose: UploadPurpose, filename: str
) -> StagedUpload:
    settings = ctx.shop.settings
    async with ctx.db.transaction() as session:
        upload_id = await media.stage(session, ctx.caller, purpose=purpose, filename=filename)
    expires_at = (clock.now() + media.UPLOAD_LIFETIME).replace(microsecond=0)
    url = media.upload_address(
        settings.base_url,
        settings.token_secret.get_secret_value(),
        upload_id=upload_id,
        expires=int(expires_at.timestamp()),
    )
    return StagedUpload(upload_id, url, expires_at, media.MAX_BYTES[purpose])
