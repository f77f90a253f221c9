"""Import files, and running them in the test's own process."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from core.db import Database
from models.platform import Job
from services.platform import (
    Allowed,
    ImportFormat,
    ImportPolicy,
    run_import,
    start_file_import,
)
from services.platform.imports import chunks


def row(n: int, **columns: Any) -> dict[str, Any]:
    """A good row of a product with one variant; `None` takes a column away."""
    usual = {
        "product": f"P{n}",
        "sku": f"S{n}",
        "name": f"Thing {n}",
        "category": "Home > Things",
        "price": "9.50",
        "stock": 4,
    }
    return {name: value for name, value in {**usual, **columns}.items() if value is not None}


@dataclass
class Importing:
    """Imports into one merchant's shop; `data_dir` gets the reports."""

    db: Database
    data_dir: Path
    merchant_id: UUID

    def jsonl(self, rows: Sequence[Mapping[str, Any] | bytes], name: str = "rows.jsonl") -> Path:
        file = self.data_dir / name
        lines = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in rows]
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        return file

    async def __call__(
        self,
        file: Path,
        *,
        policy: ImportPolicy = ImportPolicy.IGNORE_FAILED,
        allowed: Allowed | None = None,
        goes_on: Callable[[], bool] = lambda: True,
    ) -> Job:
        """The job as it stands afterwards."""
        async with self.db.transaction() as session:
            job = await start_file_import(
                session,
                merchant_id=self.merchant_id,
                file=file,
                format=ImportFormat.CSV if file.suffix == ".csv" else ImportFormat.JSONL,
                policy=policy,
                currency="USD",
                allowed=allowed or Allowed(may_create=True),
            )
        await run_import(self.db, self.data_dir, job, goes_on=goes_on)
        return await self.job(job.id)

    async def job(self, job_id: UUID) -> Job:
        async with self.db.transaction() as session:
            return await session.get_one(Job, job_id)

    def report(self, job: Job) -> list[dict[str, Any]]:
        if job.report_path is None:
            return []
        lines = (self.data_dir / job.report_path).read_text().splitlines()
        return [json.loads(line) for line in lines]


def small_chunks(monkeypatch: Any, records: int = 2) -> None:
    monkeypatch.setattr(chunks, "CHUNK", records)
