"""An import on its way: chunk by chunk, each with the job's progress in one transaction.

What is committed counts in the job's row, so whoever goes on after a crash begins behind it.
With REJECT_EVERYTHING the whole file is tried first, each chunk in a transaction that is rolled
back; only a file without a bad row is then written.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from core.db import FAULTS, Database
from core.logging import request_id
from models.platform import JobStatus
from services.catalog import Taken
from services.platform import jobs
from services.platform.imports.chunks import Chunk, chunks
from services.platform.imports.order import KIND, ImportOrder, ImportPolicy
from services.platform.imports.reading import Unreadable, records
from services.platform.imports.report import append, lines_of, report_path
from services.platform.imports.rows import Problem
from services.platform.imports.writing import write
from services.platform.jobs import Leased, LeaseLost

TURN_SECONDS: Final = 30.0  # then other jobs have theirs
ATTEMPTS: Final = 3

log = logging.getLogger("imports")


class _Tried(Exception):
    """Rolls a trial back, and carries what it found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


async def run_next(db: Database, data_dir: Path, *, is_stopping: Callable[[], bool]) -> int:
    """A turn for the import that waited longest; 0 when none waits."""
    async with db.transaction() as session:
        job = await jobs.claim(session, kind=KIND)
    if job is None:
        return 0
    until = time.monotonic() + TURN_SECONDS
    await run(db, data_dir, job, goes_on=lambda: not is_stopping() and time.monotonic() < until)
    return 1


async def run(db: Database, data_dir: Path, job: Leased, *, goes_on: Callable[[], bool]) -> None:
    """Go on with a claimed import until it is finished or `goes_on` says no.

    Raises: one of core.db.FAULTS; the lease then ends by itself and somebody goes on.
    """
    work = _Import(db, data_dir, job, goes_on)
    token = request_id.set(f"job-{job.id.hex}")  # what it logs and audits belongs together
    try:
        await work.run()
    except LeaseLost:
        log.warning("lease lost", extra={"job": job.id.hex})
    except (Unreadable, FileNotFoundError) as error:
        told = str(error) if isinstance(error, Unreadable) else "The file is not there any more."
        await work.finish(JobStatus.FAILED, told)
    except FAULTS:
        raise
    except Exception:
        log.exception("import failed", extra={"job": job.id.hex})
        await work.finish(
            JobStatus.FAILED, "Something went wrong on our side; what was processed is in the shop."
        )
    finally:
        request_id.reset(token)


class _Import:
    def __init__(
        self, db: Database, data_dir: Path, job: Leased, goes_on: Callable[[], bool]
    ) -> None:
        self.db, self.data_dir, self.job, self.goes_on = db, data_dir, job, goes_on
        self.order = ImportOrder.of(job)
        self.file = data_dir / self.order.path  # an absolute path stays as it is

    async def run(self) -> None:
        if self.job.total is None:
            total = await asyncio.to_thread(self._count)
            await self._keep(replace(self.job, total=total), ())
        if not self.job.total:
            raise Unreadable("The file holds no rows.")
        if self.order.policy is ImportPolicy.REJECT_EVERYTHING and not self.job.processed:
            if not await self._pass(self.job.checked, self._try):
                return
            if self.job.failed:
                told = f"Nothing was taken in, because of bad rows: {self.job.failed}."
                await self.finish(JobStatus.FAILED, told)
                return
        if await self._pass(self.job.processed, self._write):
            await self.finish(*self._outcome())

    def _count(self) -> int:
        return sum(1 for _ in records(self.file, self.order.format))

    async def _pass(self, skip: int, step: Callable[[Chunk], Awaitable[None]]) -> bool:
        """Take a step with every chunk after `skip` records; False when we had to stop."""
        source = chunks(
            records(self.file, self.order.format), skip=skip, currency=self.order.currency
        )
        with closing(source):
            while self.goes_on():
                chunk = await asyncio.to_thread(next, source, None)
                if chunk is None:
                    return True
                await step(chunk)
        async with self.db.transaction() as session:
            await jobs.release(session, self.job)
        return False

    async def _try(self, chunk: Chunk) -> None:
        problems: Sequence[Problem] = ()
        try:
            await self._try_out(chunk)
        except _Tried as tried:
            problems = tried.problems
        except Taken:  # somebody adds the same things right now; the second pass will tell
            pass
        after = replace(self.job, checked=self.job.checked + chunk.records)
        await self._keep(after, problems)

    async def _try_out(self, chunk: Chunk) -> None:
        """Raises: _Tried, always, so that nothing of it stays."""
        async with self.db.transaction() as session:
            raise _Tried(await write(session, self.order.task, chunk))

    async def _write(self, chunk: Chunk) -> None:
        for _ in range(ATTEMPTS - 1):
            with suppress(Taken):
                return await self._written(chunk)
        return await self._written(chunk)

    async def _written(self, chunk: Chunk) -> None:
        after = replace(self.job, processed=self.job.processed + chunk.records)
        async with self.db.transaction() as session:
            problems = await write(session, self.order.task, chunk)
            await self._save(session, after, problems)
        self.job = after

    async def _keep(self, after: Leased, problems: Sequence[Problem]) -> None:
        async with self.db.transaction() as session:
            await self._save(session, after, problems)
        self.job = after

    async def _save(
        self, session: AsyncSession, after: Leased, problems: Sequence[Problem]
    ) -> None:
        """The lease first: whoever lost it must not touch the report."""
        known = after.report_bytes
        lines = lines_of(problems, after=known)
        after.report_bytes += len(lines)
        after.failed += len({problem.line for problem in problems})
        await jobs.save(session, after)
        await asyncio.to_thread(append, self.data_dir / report_path(after.id), lines, after=known)

    def _outcome(self) -> tuple[JobStatus, str | None]:
        if self.job.failed == self.job.total:
            return JobStatus.FAILED, "No row could be taken in; the report says why."
        if self.job.failed and self.order.policy is ImportPolicy.REJECT_EVERYTHING:
            told = f"The shop changed meanwhile; rows that were left out: {self.job.failed}."
            return JobStatus.FAILED, told
        return JobStatus.SUCCEEDED, None

    async def finish(self, status: JobStatus, error: str | None) -> None:
        report = report_path(self.job.id) if self.job.report_bytes else None
        async with self.db.transaction() as session:
            await jobs.finish(session, self.job, status=status, error=error, report_path=report)
        if self.order.is_upload:
            await asyncio.to_thread(self.file.unlink, missing_ok=True)
