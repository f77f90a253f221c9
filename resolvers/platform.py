"""Jobs, and the import of catalogues."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select

from core import clock
from core.db import Row
from models.platform import Job
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.platform import JOB_COLUMNS
from resolvers.scope import owned
from services import platform
from services.platform import LIFETIME_SECONDS, ImportFormat, ImportPolicy


def _one_of(column: Any, name: str) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(Text())))


JOBS: Final = Listing(
    select(*JOB_COLUMNS).where(owned(Job.owner_id)),
    Job.id,
    sorts={"NEWEST": Sort(Job.created_at, descending=True)},
    filters={"kinds": _one_of(Job.kind, "kinds"), "statuses": _one_of(Job.status, "statuses")},
    spread={},
)


async def catalog_import_start(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    upload_id: UUID,
    format: ImportFormat,
    policy: ImportPolicy,
) -> UUID:
    async with ctx.db.transaction() as session:
        return await platform.start_import(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            upload_id=upload_id,
            format=format,
            policy=policy,
            currency=ctx.shop.settings.shop_currency,
        )


def result_urls(ctx: RequestContext, jobs: Sequence[Row]) -> list[str | None]:
    """Per job where its report can be fetched for an hour; None without one."""
    settings = ctx.shop.settings
    expires = int(clock.now().timestamp()) + LIFETIME_SECONDS
    return [
        platform.report_address(
            settings.base_url,
            settings.token_secret.get_secret_value(),
            job_id=job["id"],
            expires=expires,
        )
        if job["report_path"]
        else None
        for job in jobs
    ]
