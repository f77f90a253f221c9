"""What was searched for: counted in memory, written once a second, nobody waits for it.

Nothing says who asked, and what looks like a person's address or number is not kept. A process
that is killed takes a second of counts with it, and so does a database that can't be written to.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import BigInteger, bindparam, cast, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from core.clock import now
from core.db import Database
from models.search import SearchedQuery
from services.recordset import insertion, table_of

MAX_CHARACTERS: Final = 200
MAX_QUERIES: Final = 500  # that are counted until the next writing; others are not
EVERY_SECONDS: Final = 1.0
KEPT: Final = timedelta(days=400)
RARE_KEPT: Final = timedelta(days=31)
RARE: Final = 3  # what was asked less often on a day is rare
OTHERS: Final = ""  # stands for all rare queries of a day, once they are old
BATCH: Final = 1_000
_FEWEST_DIGITS: Final = 7  # of a number that may be somebody's
_EMAIL: Final = re.compile(r"\S@\S")
_searched: Final = table_of(SearchedQuery)
_NUMBER: Final = re.compile(r"\+?\d(?:[\s().\-/]?\d)+")

log = logging.getLogger("search")


def is_personal(query: str) -> bool:
    """Whether it looks like an e-mail address, or the number of a telephone or a card.

    Barcodes look like that too: better that they are not kept than that the others are.
    """
    numbers = _NUMBER.findall(query)
    longest = max((sum(map(str.isdigit, each)) for each in numbers), default=0)
    return bool(_EMAIL.search(query)) or longest >= _FEWEST_DIGITS


@dataclass(slots=True)
class _Count:
    """Of one query on a day in a language."""

    searches: int = 0
    without_results: int = 0
    degraded: int = 0
    took_ms: int = 0
    last_total: int | None = None


class Searched:
    """The counts of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._counts: dict[tuple[Any, str, str], _Count] = {}
        self._writing = asyncio.Lock()

    def add(
        self,
        query: str,
        language: str,
        *,
        has_results: bool,
        total: int | None,
        took_ms: int,
        is_degraded: bool,
    ) -> None:
        """Count one search. query: normalised; an empty one is no search.

        total: of all products with these words; None: not known, or other things were chosen too.
        """
        is_text = 0 < len(query) <= MAX_CHARACTERS and query.isprintable()
        if not is_text or is_personal(query):
            return
        key = now().date(), language, query
        count = self._counts.get(key)
        if count is None:
            if len(self._counts) >= MAX_QUERIES:
                return
            count = self._counts[key] = _Count()
        count.searches += 1
        count.without_results += not has_results
        count.degraded += is_degraded
        count.took_ms += took_ms
        count.last_total = count.last_total if total is None else total

    async def write(self) -> None:
        """Write what was counted: one statement."""
        async with self._writing:
            counts, self._counts = self._counts, {}
            if not counts:
                return
            rows = [
                {"day": day, "language": language, "query": query, **asdict(counts[key])}
                for key in sorted(counts)  # in one order: processes lock the same rows
                for day, language, query in [key]
            ]
            async with self._db.transaction() as session:
                await session.execute(_WRITE, {"rows": rows})

    async def keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.try_to_write()

    async def try_to_write(self) -> None:
        try:
            await self.write()
        except Exception:
            log.exception("what was searched for in the last second is not kept")


@contextlib.asynccontextmanager
async def noting(db: Database) -> AsyncIterator[Searched]:
    """Written while the block runs, and at its end."""
    searched = Searched(db)
    task = asyncio.create_task(searched.keep_writing())
    try:
        yield searched
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await searched.try_to_write()


async def forget_rare(db: Database) -> int:
    """Of rare queries that are old keep the sums only, a batch of them; how many went.

    A query that one person had may tell of that person, and anybody can send us new ones.
    """
    async with db.transaction() as session:
        before = now().date() - RARE_KEPT
        found = await session.scalar(_FOLD, {"before": before})
        return found or 0


async def forget_old(db: Database) -> int:
    """Delete what no report reads any more, a batch of it; how many."""
    key = (_searched.c.day, _searched.c.language, _searched.c.query)
    old = (
        select(*key)
        .where(_searched.c.day < bindparam("before"))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    gone = delete(_searched).where(*(column == old.c[column.key] for column in key))
    async with db.transaction() as session:
        rows = await session.execute(
            gone.returning(_searched.c.day), {"before": now().date() - KEPT}
        )
        return len(rows.all())


_SUMS: Final = ("searches", "without_results", "degraded", "took_ms")
_insert = insertion(SearchedQuery, "day", "language", "query", *_SUMS, "last_total")
_WRITE: Final = _insert.on_conflict_do_update(
    index_elements=["day", "language", "query"],
    set_={
        **{name: _searched.c[name] + _insert.excluded[name] for name in _SUMS},
        "last_total": func.coalesce(_insert.excluded.last_total, _searched.c.last_total),
    },
)

_key = (_searched.c.day, _searched.c.language, _searched.c.query)
_rare = (
    select(*_key)
    .where(
        _searched.c.day < bindparam("before"),
        _searched.c.searches < RARE,
        _searched.c.query != OTHERS,
    )
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("rare")
)
_gone = (
    delete(_searched)
    .where(*(column == _rare.c[column.key] for column in _key))
    .returning(_searched)
    .cte("gone")
)
_sums_of_gone = [cast(func.sum(_gone.c[name]), BigInteger).label(name) for name in _SUMS]
_fold = insert(_searched).from_select(
    ["day", "language", "query", *_SUMS],
    select(_gone.c.day, _gone.c.language, literal(OTHERS), *_sums_of_gone).group_by(
        _gone.c.day, _gone.c.language
    ),
    include_defaults=False,
)
_folded = (
    _fold.on_conflict_do_update(
        index_elements=["day", "language", "query"],
        set_={name: _searched.c[name] + _fold.excluded[name] for name in _SUMS},
    )
    .returning(_searched.c.day)
    .cte("folded")
)
_FOLD: Final = select(func.count()).select_from(_gone).add_cte(_folded)
