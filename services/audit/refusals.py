"""Refused access on its way into the log: afterwards, in transactions of its own, and bounded.

A refusal must not cost more than it did, and a flood of them must not fill the disk. So they are
counted in memory: a caller's first one is written within a second, all that follow in the same
minute are one more entry, with their number and fields, when the minute is over. Of callers there
are MAX_CALLERS in a minute; what others are refused is counted together, without names. A process
that is killed takes the counts that no entry tells of with it.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from core.db import Database
from core.identity import ANONYMOUS, UNKNOWN, Caller, client
from services.audit.entries import Entry, entry, note

MAX_CALLERS: Final = 100
MAX_FIELDS: Final = 20  # that an entry names
EVERY_SECONDS: Final = 1.0
MINUTE: Final = 60.0
OTHERS: Final = "others"

log = logging.getLogger("audit")


@dataclass
class _Count:
    """Of one caller. first: made when they were first refused; fields: in the order of refusal."""

    first: Entry
    untold: int = 0
    fields: dict[str, None] = field(default_factory=dict)
    is_new: bool = True

    def add(self, fields: Sequence[str]) -> None:
        self.untold += 1
        if len(self.fields) < MAX_FIELDS:
            self.fields.update(dict.fromkeys(fields))

    def entry(self) -> Entry:
        """The entry of what no entry tells of yet."""
        named = [*self.fields][:MAX_FIELDS]
        facts = {**(self.first.after or {}), "fields": named, "count": self.untold}
        return replace(self.first, after=facts)


class Refusals:
    """Those of one process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._counts: dict[Any, _Count] = {}
        self._minute_ends = time.monotonic() + MINUTE
        self._writing = asyncio.Lock()

    def add(self, caller: Caller, code: str, fields: Sequence[str]) -> None:
        """Count an operation that was refused just now, because of these fields.

        code: FORBIDDEN, UNAUTHENTICATED; NOT_FOUND for a wrong proof.
        """
        who = caller.subject or client.get().address
        self._count((who, code), caller, code).add(fields)

    def _count(self, key: Any, caller: Caller, code: str) -> _Count:
        count = self._counts.get(key)
        if count is not None:
            return count
        first = entry("ACCESS_REFUSED", "Field", None, after={"code": code}, actor=caller)
        if len(self._counts) >= MAX_CALLERS:
            key, facts = OTHERS, {"code": code, "callers": OTHERS}
            first = entry("ACCESS_REFUSED", "Field", None, after=facts, actor=ANONYMOUS)
            first = replace(first, client=UNKNOWN, request_id="")
        return self._counts.setdefault(key, _Count(first))

    async def write(self, *, is_last: bool = False) -> None:
        """Write what is due, once. is_last: everything, whether its minute is over or not."""
        async with self._writing:
            await self._write(is_last=is_last)

    async def _write(self, *, is_last: bool) -> None:
        is_over = is_last or time.monotonic() >= self._minute_ends
        due = [each for each in self._counts.values() if each.untold and (each.is_new or is_over)]
        told = [(each.untold, {*each.fields}) for each in due]
        if due:
            await note(self._db, *[each.entry() for each in due])
        for each, (untold, fields) in zip(due, told, strict=True):
            each.untold -= untold
            each.fields = dict.fromkeys(name for name in each.fields if name not in fields)
            each.is_new = False
        if is_over:
            self._counts = {key: each for key, each in self._counts.items() if each.untold}
            self._minute_ends = time.monotonic() + MINUTE

    async def keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._try_to_write()

    async def end(self) -> None:
        await self._try_to_write(is_last=True)

    async def _try_to_write(self, *, is_last: bool = False) -> None:
        try:
            await self.write(is_last=is_last)
        except Exception:
            log.exception("refusals wait for the database")


@contextlib.asynccontextmanager
async def noting(db: Database) -> AsyncIterator[Refusals]:
    """Written while the block runs, and at its end."""
    refusals = Refusals(db)
    task = asyncio.create_task(refusals.keep_writing())
    try:
        yield refusals
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await refusals.end()
