"""`python -m tools.import_catalog FILE --merchant SLUG`: a catalogue from a file on the disk."""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Final

from sqlalchemy import select

from core.db import Database
from core.logging import configure
from core.settings import Settings
from models.merchants import Merchant
from models.platform import Job, JobStatus
from services.platform import (
    Allowed,
    ImportFormat,
    ImportPolicy,
    Leased,
    run_import,
    start_file_import,
)
from tools import given

SHOWN_REFUSALS: Final = 20


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="JSONL or CSV; docs/IMPORT.md tells the columns")
    parser.add_argument("--merchant", required=True, metavar="SLUG", help="who sells the products")
    parser.add_argument("--format", type=ImportFormat, choices=ImportFormat, help="by the name")
    parser.add_argument(
        "--policy",
        type=ImportPolicy,
        choices=ImportPolicy,
        default=ImportPolicy.IGNORE_FAILED,
        help="what a bad row does to the others",
    )
    parser.add_argument(
        "--create-missing",
        action="store_true",
        help="make categories, brands, product types, attributes and a warehouse that are missing",
    )
    found = parser.parse_args(arguments)
    found.format = found.format or _format_of(found.file)
    found.file = found.file.resolve()
    return found


def _format_of(file: Path) -> ImportFormat:
    return ImportFormat.CSV if file.suffix.lower() == ".csv" else ImportFormat.JSONL


async def main(settings: Settings, arguments: argparse.Namespace) -> int:
    db = Database(settings.database_url, size=4)
    try:
        return await imported(db, settings, arguments)
    finally:
        await db.close()


async def imported(db: Database, settings: Settings, arguments: argparse.Namespace) -> int:
    """The exit status: 0 when every row went in, 1 when some were refused, 2 when none could."""
    began = time.monotonic()
    job = await _begin(db, settings, arguments)
    if job is None:
        sys.stderr.write(f"There is no merchant {arguments.merchant!r}.\n")
        return 2
    await run_import(db, settings.data_dir, job, goes_on=lambda: True)
    async with db.transaction() as session:
        row = await session.get_one(Job, job.id)
    seconds = time.monotonic() - began
    taken_in = max(row.processed - row.failed, 0)  # of a file that was only checked, nothing
    sys.stdout.write(f"Rows taken in: {taken_in}; refused: {row.failed}; {seconds:.1f} s.\n")
    if row.error:
        sys.stderr.write(f"{row.error}\n")
    if row.report_path:
        _show(settings.data_dir / row.report_path)
    if row.status == JobStatus.FAILED:
        return 2
    return 1 if row.failed else 0


async def _begin(db: Database, settings: Settings, arguments: argparse.Namespace) -> Leased | None:
    async with db.transaction() as session:
        merchant_id = await session.scalar(
            select(Merchant.id).where(Merchant.slug == arguments.merchant)
        )
        if merchant_id is None:
            return None
        return await start_file_import(
            session,
            merchant_id=merchant_id,
            file=arguments.file,
            format=arguments.format,
            policy=arguments.policy,
            currency=settings.shop_currency,
            allowed=Allowed(may_create=arguments.create_missing),
        )


def _show(report: Path) -> None:
    with report.open() as lines:
        for _, line in zip(range(SHOWN_REFUSALS), lines, strict=False):
            sys.stderr.write(line)
    sys.stderr.write(f"The whole report: {report}\n")


if __name__ == "__main__":
    told = parsed(None)
    found = given.settings("database_url")
    configure(found.log_level)
    raise SystemExit(asyncio.run(main(found, told)))
