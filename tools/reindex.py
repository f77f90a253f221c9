"""`make reindex`: what search knows of all products, made anew while the shop runs.

    python -m tools.reindex              # documents in PostgreSQL, then an index of Elasticsearch
    python -m tools.reindex --roll-back  # let the index before this one answer again

The new index is built beside the one that answers, catches up with what changes meanwhile, and then
takes its place in one step; the one before is kept. Exit status: 0 when all is well.
"""

import argparse
import asyncio
import sys
import time
from typing import Final

from core.db import Database, Reader
from core.settings import Settings
from search import indexing
from tools import given

LOOK_SECONDS: Final = 0.2


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.reindex", description=__doc__)
    parser.add_argument("--roll-back", action="store_true", help="to the index before this one")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    told = parser.parse_args(arguments)
    return asyncio.run(run(given.settings("database_url"), is_rolled_back=told.roll_back))


async def run(settings: Settings, *, is_rolled_back: bool) -> int:
    db, reader = Database(settings.database_url, size=4), Reader(settings.database_url, size=2)
    await reader.open()
    try:
        async with (
            indexing.opened(settings, db, reader, progress=Telling()) as elasticsearch,
            indexing.alone(settings.database_url) as alone,
        ):
            if is_rolled_back:
                return await roll_back(elasticsearch, alone)
            await make_documents(db, reader, is_pushed=elasticsearch is not None)
            if elasticsearch is not None:
                index = await elasticsearch.rebuilder.rebuild(alone)
                print(f"{index.name} answers.")
    except indexing.REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 1
    finally:
        await db.close()
        reader.close()
    return 0


async def roll_back(elasticsearch: indexing.Indexing | None, alone: indexing.Alone) -> int:
    if elasticsearch is None:
        print("Set ELASTICSEARCH_URL as for the shop itself: PostgreSQL has one state only.")
        return 1
    index = await elasticsearch.rebuilder.roll_back(alone)
    print(f"{index.name} answers again.")
    return 0


async def make_documents(db: Database, reader: Reader, *, is_pushed: bool) -> None:
    """Of all products; the shop's worker, if it runs, helps."""
    tell = Telling()
    total = await indexing.note_everything(db)
    while left := await indexing.left_to_make(reader):
        tell("documents made", max(0, total - left), total)
        if not await indexing.make(db, reader, is_pushed=is_pushed):
            await asyncio.sleep(LOOK_SECONDS)  # others make the last ones
    tell("documents made", total, total)


class Telling:
    """Says how far things are: on a terminal in one line that moves, else every few seconds."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout.isatty()
        self._every = 0.1 if self._is_terminal else 5.0
        self._what, self._last = "", 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        is_over, is_new = done >= of, what != self._what
        if not (is_over or is_new) and time.monotonic() - self._last < self._every:
            return
        self._what, self._last = what, time.monotonic()
        end = "\n" if is_over or not self._is_terminal else "\r"
        print(f"{what}: {done:,} of {of:,}", end=end, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
