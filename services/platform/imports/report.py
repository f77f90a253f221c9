"""The report of an import: one JSON object for each thing that was refused, in a file.

How much of the file is true stands in the job's row: what a dead worker wrote and never committed
is cut off before the next worker writes on. The row is locked while the file is written, so a
worker that was overtaken does not touch it any more.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID

import orjson

from services.platform.imports.rows import Problem

FOLDER: Final = "reports"
LIMIT: Final = 64 * 1024 * 1024  # bytes; nobody reads more


def report_path(job_id: UUID) -> str:
    """Below the data folder."""
    return f"{FOLDER}/{job_id.hex}.jsonl"


def lines_of(problems: Sequence[Problem], *, after: int) -> bytes:
    """What to add to a report of so many bytes."""
    if after > LIMIT:
        return b""
    in_order = sorted(problems, key=lambda problem: problem.line)
    return b"".join(orjson.dumps(each._asdict()) + b"\n" for each in in_order)


def append(file: Path, lines: bytes, *, after: int) -> None:
    """Write behind the first `after` bytes, whatever stands there."""
    if not lines:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as report:
        report.truncate(after)
        report.seek(after)
        report.write(lines)
        report.flush()
        os.fsync(report.fileno())
