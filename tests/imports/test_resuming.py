"""Imports that were interrupted go on behind what is in the shop, and nothing goes in twice."""

import asyncio
import contextvars
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.db import Database
from models.catalog import Review, Variant
from models.inventory import StockMovement
from models.platform import Job, JobStatus
from services.platform import ImportPolicy, run_next_import
from services.platform.imports import run
from services.platform.imports.report import append
from services.platform.imports.writing import write
from tests.factories.merchants import make_merchant
from tests.imports.files import Importing, row, small_chunks


def rows(number: int) -> list[dict[str, Any]]:
    """Every third is bad, so that there is a report."""
    reviews = [{"author": "A", "rating": 5}]
    return [row(n, price="free") if n % 3 == 2 else row(n, reviews=reviews) for n in range(number)]


async def shop(db: Database) -> dict[str, int | None]:
    async with db.transaction() as session:
        return {
            "variants": await session.scalar(select(func.count()).select_from(Variant)),
            "reviews": await session.scalar(select(func.count()).select_from(Review)),
            "moved": await session.scalar(select(func.sum(StockMovement.on_hand_delta))),
        }


def whole(importing: Importing, job: Job) -> None:
    """The end of `rows(12)`."""
    assert (job.status, job.processed, job.failed) == (JobStatus.SUCCEEDED, 12, 4)
    assert [each["line"] for each in importing.report(job)] == [3, 6, 9, 12]


async def test_a_job_that_was_stopped_is_gone_on_with(
    importing: Importing, db: Database, monkeypatch
) -> None:
    small_chunks(monkeypatch, records=3)
    turns = iter([True, True, False])
    job = await importing(importing.jsonl(rows(12)), goes_on=lambda: next(turns))
    halfway = job.status, job.processed

    worked = await run_next_import(db, importing.data_dir, is_stopping=lambda: False)

    assert halfway == (JobStatus.RUNNING, 6)
    assert worked == 1
    whole(importing, await importing.job(job.id))
    assert await shop(db) == {"variants": 8, "reviews": 8, "moved": 32}
    assert await run_next_import(db, importing.data_dir, is_stopping=lambda: False) == 0


class Killed(BaseException):
    """The process ends here, as far as the import can tell."""


def die_in_the_third_chunk(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    chunks_done = saves = 0

    async def dying_write(session: Any, task: Any, chunk: Any) -> Any:
        nonlocal chunks_done
        chunks_done += 1
        if chunks_done == 3 and moment == "before the rows":
            raise Killed
        problems = await write(session, task, chunk)
        if chunks_done == 3 and moment == "after the rows":
            raise Killed
        return problems

    def dying_append(file: Path, lines: bytes, *, after: int) -> None:
        nonlocal saves
        saves += 1
        append(file, lines, after=after)
        if saves == 4 and moment == "after the report":  # the first one was of the number of rows
            raise Killed

    monkeypatch.setattr(run, "write", dying_write)
    monkeypatch.setattr(run, "append", dying_append)


@pytest.mark.parametrize("moment", ["before the rows", "after the rows", "after the report"])
async def test_what_a_dead_worker_did_not_commit_is_done_once(
    importing: Importing, db: Database, monkeypatch, moment: str
) -> None:
    small_chunks(monkeypatch, records=3)
    die_in_the_third_chunk(monkeypatch, moment)

    with pytest.raises(Killed):
        await importing(importing.jsonl(rows(12)))
    monkeypatch.undo()
    waiting = await run_next_import(db, importing.data_dir, is_stopping=lambda: False)
    async with db.transaction() as session:
        await session.execute(update(Job).values(lease_until=func.now()))
        job = (await session.execute(select(Job))).scalar_one()
    worked = await run_next_import(db, importing.data_dir, is_stopping=lambda: False)

    assert (waiting, worked) == (0, 1)  # nobody takes it over before its lease ends
    assert (job.status, job.processed) == (JobStatus.RUNNING, 6)
    whole(importing, await importing.job(job.id))
    assert await shop(db) == {"variants": 8, "reviews": 8, "moved": 32}


async def test_a_check_that_was_interrupted_is_gone_on_with(
    importing: Importing, db: Database, monkeypatch
) -> None:
    small_chunks(monkeypatch, records=3)
    turns = iter([True, True, False])

    job = await importing(
        importing.jsonl(rows(12)),
        policy=ImportPolicy.REJECT_EVERYTHING,
        goes_on=lambda: next(turns),
    )
    halfway = job.checked, job.processed, job.failed
    await run_next_import(db, importing.data_dir, is_stopping=lambda: False)

    job = await importing.job(job.id)
    assert halfway == (6, 0, 2)
    assert (job.status, job.checked, job.processed, job.failed) == (JobStatus.FAILED, 12, 0, 4)
    assert [each["line"] for each in importing.report(job)] == [3, 6, 9, 12]
    assert await shop(db) == {"variants": 0, "reviews": 0, "moved": None}


async def test_whoever_lost_the_lease_writes_nothing_more(
    importing: Importing, db: Database, monkeypatch
) -> None:
    small_chunks(monkeypatch, records=3)
    done = 0

    async def overtaken(session: Any, task: Any, chunk: Any) -> Any:
        nonlocal done
        done += 1
        if done == 2:  # somebody else takes the job over, and finishes it
            monkeypatch.setattr(run, "write", write)

            async def take_over() -> None:
                async with db.transaction() as other:
                    await other.execute(update(Job).values(lease_until=func.now()))
                await run_next_import(db, importing.data_dir, is_stopping=lambda: False)

            await asyncio.create_task(take_over(), context=contextvars.Context())
        return await write(session, task, chunk)

    monkeypatch.setattr(run, "write", overtaken)
    job = await importing(importing.jsonl(rows(12)))

    whole(importing, job)
    assert await shop(db) == {"variants": 8, "reviews": 8, "moved": 32}


async def test_a_fault_of_ours_ends_the_job_and_says_so(
    importing: Importing, db: Database, monkeypatch, caplog
) -> None:
    async def broken(session: Any, task: Any, chunk: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(run, "write", broken)

    job = await importing(importing.jsonl(rows(3)))

    assert job.status == JobStatus.FAILED
    assert job.error is not None
    assert job.error.startswith("Something went wrong on our side")
    assert "import failed" in caplog.text


async def test_a_file_that_is_gone_fails_the_job(importing: Importing) -> None:
    job = await importing(importing.data_dir / "nowhere.jsonl")

    assert (job.status, job.error) == (JobStatus.FAILED, "The file is not there any more.")


async def test_a_killed_command_is_finished_by_a_worker(
    root: Path, tmp_path: Path, fresh_database, redis_url: str
) -> None:
    """The real thing: `kill -9` in the middle, then somebody else's turn."""
    url = await fresh_database()
    db = Database(url, size=4)
    async with db.transaction() as session:
        merchant = await make_merchant(session)
    importing = Importing(db, tmp_path, merchant.id)
    file = importing.jsonl([row(n) for n in range(3000)])
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path),
    }
    command = ["-m", "tools.import_catalog", str(file), "--merchant", merchant.slug]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, "--create-missing", cwd=root, env=environment
    )

    interrupted = 0
    async with asyncio.timeout(60):
        while not interrupted:
            await asyncio.sleep(0.01)
            async with db.transaction() as session:
                interrupted = await session.scalar(select(Job.processed)) or 0
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with db.transaction() as session:
        await session.execute(update(Job).values(lease_until=func.now()))
    while await run_next_import(db, tmp_path, is_stopping=lambda: False):
        pass

    async with db.transaction() as session:
        job = (await session.execute(select(Job))).scalar_one()
    assert 0 < interrupted < 3000
    assert (job.status, job.processed, job.failed) == (JobStatus.SUCCEEDED, 3000, 0)
    assert await shop(db) == {"variants": 3000, "reviews": 0, "moved": 12000}
    await db.close()
