"""What is to be imported, and what may be done for it: the input of the job."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, Refusals
from core.identity import Caller, Permission
from models.platform import Job, UploadPurpose
from services import media
from services.platform import jobs
from services.platform.errors import TooManyJobs
from services.platform.imports.reading import ImportFormat
from services.platform.imports.writing import Task
from services.platform.jobs import Leased

KIND: Final = "CATALOG_IMPORT"
MAX_OPEN: Final = 5  # imports of one merchant
NOBODY: Final = UUID(int=0)  # owns imports that were started from a command line


class ImportPolicy(StrEnum):
    """What a bad row does to the others."""

    IGNORE_FAILED = "IGNORE_FAILED"
    REJECT_EVERYTHING = "REJECT_EVERYTHING"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOrder:
    """path: below the data folder, or absolute. task: what the import may do."""

    path: str
    is_upload: bool
    format: ImportFormat
    policy: ImportPolicy
    task: Task

    @property
    def currency(self) -> str:
        return self.task.currency

    @classmethod
    def of(cls, job: Leased) -> Self:
        kept = job.input
        assert job.merchant_id is not None, "imports are a merchant's"
        task = Task(
            job_id=job.id,
            merchant_id=job.merchant_id,
            currency=kept["currency"],
            **{name: kept[name] for name in ("may_price", "may_stock", "may_create")},
        )
        return cls(
            path=kept["path"],
            is_upload=kept["is_upload"],
            format=ImportFormat(kept["format"]),
            policy=ImportPolicy(kept["policy"]),
            task=task,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    may_price: bool = True
    may_stock: bool = True
    may_create: bool = False


async def start_import(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    upload_id: UUID,
    format: ImportFormat,
    policy: ImportPolicy,
    currency: str,
) -> UUID:
    """Queue the import of a file that the caller sent; the same file again is the same job.

    currency: the shop's. Prices and stock need their own permissions; rows that have them are
    refused otherwise. New categories, brands and product types need the platform's.

    Raises: NotFound for a merchant whose products the caller does not manage; TooManyJobs;
    Refusals of NotFound and UnreadableUpload for the upload.
    """
    if caller.subject is None or not caller.may(Permission.MANAGE_PRODUCTS, merchant_id):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    if earlier := await _job_of(session, caller.subject, upload_id):
        return earlier
    try:
        used = await media.use_uploads(
            session,
            caller,
            purpose=UploadPurpose.IMPORT,
            uploads={upload_id: ("uploadId",)},
        )
    except Refusals:  # perhaps because somebody was faster with the same request
        if earlier := await _job_of(session, caller.subject, upload_id):
            return earlier
        raise
    waiting = select(func.count()).where(Job.merchant_id == merchant_id, Job.status.in_(jobs.OPEN))
    if (await session.scalar(waiting) or 0) >= MAX_OPEN:
        raise TooManyJobs(maximum=MAX_OPEN)
    allowed = Allowed(
        may_price=caller.may(Permission.MANAGE_PRICES, merchant_id),
        may_stock=caller.may(Permission.MANAGE_INVENTORY, merchant_id),
        may_create=caller.may(Permission.MANAGE_TAXONOMY, merchant_id),
    )
    kept = _input(used[upload_id], format, policy, currency, allowed)
    return await jobs.add(
        session,
        kind=KIND,
        owner_id=caller.subject,
        merchant_id=merchant_id,
        input={**kept, "is_upload": True, "upload_id": upload_id.hex},
    )


async def start_file_import(
    session: AsyncSession,
    *,
    merchant_id: UUID,
    file: Path,
    format: ImportFormat,
    policy: ImportPolicy,
    currency: str,
    allowed: Allowed,
) -> Leased:
    """Begin the import of a file on this machine, and claim it at once. file: an absolute path."""
    kept = _input(str(file), format, policy, currency, allowed)
    job_id = await jobs.add(
        session,
        kind=KIND,
        owner_id=NOBODY,
        merchant_id=merchant_id,
        input={**kept, "is_upload": False},
    )
    job = await jobs.claim(session, kind=KIND, job_id=job_id)
    assert job is not None, "nobody else can see it yet"
    return job


def _input(
    path: str, format: ImportFormat, policy: ImportPolicy, currency: str, allowed: Allowed
) -> Mapping[str, Any]:
    return {
        "path": path,
        "format": format,
        "policy": policy,
        "currency": currency,
        **asdict(allowed),
    }


async def _job_of(session: AsyncSession, owner_id: UUID, upload_id: UUID) -> UUID | None:
    return await session.scalar(
        select(Job.id).where(
            Job.owner_id == owner_id,
            Job.kind == KIND,
            Job.input["upload_id"].astext == upload_id.hex,
        )
    )
