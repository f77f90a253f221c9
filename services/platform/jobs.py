"""Jobs: whose turn it is, how far they are, how they ended.

A worker holds a job by its lease: the moment when the lease ends is what it shows with each step,
in the transaction of the step, so that nobody whose lease was taken over can write any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.platform import Job, JobStatus
from services import audit, events

LEASE: Final = timedelta(seconds=60)
OPEN: Final = (JobStatus.QUEUED, JobStatus.RUNNING)


class LeaseLost(Exception):
    """Another worker goes on with the job: stop, and write nothing."""


@dataclass(slots=True)
class Leased:
    """A job in our hands."""

    id: UUID
    kind: str
    input: Mapping[str, Any]
    merchant_id: UUID | None
    owner_id: UUID
    checked: int
    processed: int
    failed: int
    total: int | None
    report_bytes: int
    lease_until: datetime


async def add(
    session: AsyncSession,
    *,
    kind: str,
    owner_id: UUID,
    merchant_id: UUID | None,
    input: Mapping[str, Any],
) -> UUID:
    job = Job(id=new_id(), kind=kind, owner_id=owner_id, merchant_id=merchant_id, input=dict(input))
    session.add(job)
    await session.flush()  # later statements of the transaction may ask for it
    await events.record(session, events.event("JobQueued", job.id))
    entry = audit.entry("JOB_QUEUED", "Job", job.id, merchant_id=merchant_id, after={"kind": kind})
    await audit.record(session, entry)
    return job.id


async def claim(session: AsyncSession, *, kind: str, job_id: UUID | None = None) -> Leased | None:
    """The job that waited longest for a worker; None when there is none.

    Those that other workers hold are passed over until their lease ends.
    """
    wanted = (
        select(Job.id)
        .where(
            Job.kind == kind,
            Job.status.in_(OPEN),
            or_(Job.lease_until.is_(None), Job.lease_until < func.now()),
        )
        .order_by(Job.updated_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job_id is not None:
        wanted = wanted.where(Job.id == job_id)
    chosen = wanted.cte("chosen")  # run once: a subquery may run, and lock, once per row
    found = await session.execute(
        update(Job)
        .where(Job.id == chosen.c.id)
        .values(status=JobStatus.RUNNING, lease_until=func.now() + LEASE)
        .returning(
            Job.id,
            Job.kind,
            Job.input,
            Job.merchant_id,
            Job.owner_id,
            Job.checked,
            Job.processed,
            Job.failed,
            Job.total,
            Job.report_bytes,
            Job.lease_until,
        )
        .execution_options(synchronize_session=False)
    )
    row = found.mappings().one_or_none()
    return Leased(**row) if row else None


async def save(session: AsyncSession, job: Leased) -> None:
    """Keep how far the job is, and the lease with it.

    Raises: LeaseLost; the transaction must then be rolled back.
    """
    values = {name: getattr(job, name) for name in ("checked", "processed", "failed", "total")}
    await _change(session, job, report_bytes=job.report_bytes, **values)
    await events.record(
        session, events.event("JobProgressed", job.id, processed=job.processed, failed=job.failed)
    )


async def release(session: AsyncSession, job: Leased) -> None:
    """Let the others have a turn; somebody goes on with it later."""
    await _change(session, job, lease_until=None)


async def finish(
    session: AsyncSession,
    job: Leased,
    *,
    status: JobStatus,
    error: str | None = None,
    report_path: str | None = None,
) -> None:
    """Raises: LeaseLost."""
    values = {"status": status, "error": error, "report_path": report_path}
    await _change(session, job, **values, finished_at=func.now(), lease_until=None)
    await events.record(session, events.event("JobFinished", job.id, status=status))
    counts = {"processed": job.processed, "failed": job.failed}
    entry = audit.entry(
        "JOB_FINISHED",
        "Job",
        job.id,
        merchant_id=job.merchant_id,
        after={"kind": job.kind, "status": status, **counts},
    )
    await audit.record(session, entry)


async def _change(session: AsyncSession, job: Leased, **values: Any) -> None:
    held = await session.execute(
        update(Job)
        .where(Job.id == job.id, Job.lease_until == job.lease_until)
        .values({"lease_until": func.now() + LEASE, **values})
        .returning(Job.lease_until)
        .execution_options(synchronize_session=False)
    )
    row = held.one_or_none()
    if row is None:
        raise LeaseLost
    job.lease_until = row.lease_until
