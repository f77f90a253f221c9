"""An index built beside the one that answers, which then takes its place without a gap.

Versions are given away under a lock that makers share. Whoever waits for them has, at that moment,
every document up to the newest version; what is changed while an index is filled has later ones,
and is copied in rounds that get shorter. The last round and the swap of the alias happen while the
makers wait: nothing is lost, and whoever searches always finds a whole index.

The index that answered until then stays for a roll-back: its `_meta` says how far it came.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

from elasticsearch import AsyncElasticsearch

from core import clock
from core.db import Database, Reader
from search.indexing import bulk, keeping
from search.indexing.bulk import Kept, NoIndex, Outage
from search.indexing.indices import Index, Indices, State
from search.indexing.locks import Alone

ROUNDS: Final = 50  # of catching up; each is as long as the changes of the one before
FEW: Final = 500  # documents that makers may wait for
PATIENCE_SECONDS: Final = 120.0  # with an Elasticsearch that takes nothing

Progress = Callable[[str, int, int], None]  # what is done, how many of how many

log = logging.getLogger("search")


class Incomplete(Exception):
    """An index has not the documents that it should have: it must not answer."""


class NothingToRollBackTo(Exception):
    """There is no earlier index of this shape."""

    def __str__(self) -> str:
        return "There is no earlier index of this release's documents."


def quiet(what: str, done: int, of: int) -> None:
    log.debug("index", extra={"what": what, "done": done, "of": of})


class Rebuilder:
    """Builds indices, brings them up to date, lets them answer.

    alone: that nobody else does so at the same time. All public methods raise Outage.
    """

    def __init__(
        self,
        db: Database,
        reader: Reader,
        indices: Indices,
        client: AsyncElasticsearch,
        *,
        progress: Progress = quiet,
    ) -> None:
        self._db, self._reader = db, reader
        self._indices, self._client = indices, client
        self._progress = progress

    async def rebuild(self, alone: Alone) -> Index:
        """A new index of all documents, which answers from then on. Raises: Incomplete."""
        await self._clear_away()
        index = await self._indices.create(clock.now())
        async with self._deleted_if_it_fails(index):
            since = await self._everything_committed(alone)
            total = await keeping.count_listed(self._reader)
            copied = 0
            async for page in keeping.listed(self._reader):
                await self._send(index, page)
                copied += len(page)
                self._progress("documents in the new index", copied, max(copied, total))
            await self._take_over(alone, index, since=since, is_new=True)
        await self._keep_one_more(index)
        return index

    async def catch_up(self, alone: Alone) -> Index:
        """Bring the index that answers up to date, however it fell behind. Raises: NoIndex."""
        index = await self._indices.serving()
        await self._take_over(alone, index, since=index.complete_to)
        return index

    async def roll_back(self, alone: Alone) -> Index:
        """Let the index before this one answer again, up to date. Raises: NothingToRollBackTo."""
        earlier = [
            index
            for index in await self._indices.all()
            if index.state is State.LEFT
            and index.name.startswith(f"{self._indices.alias}-")
            and self._indices.alias not in index.aliases
        ]
        if not earlier:
            raise NothingToRollBackTo
        await self._take_over(alone, earlier[-1], since=earlier[-1].complete_to)
        return earlier[-1]

    async def _clear_away(self) -> None:
        """What a run that died left behind; and an index that has the alias's own name."""
        await self._indices.delete(
            [
                index
                for index in await self._indices.all()
                if index.state is State.BUILDING or index.name == self._indices.alias
            ]
        )

    async def _keep_one_more(self, index: Index) -> None:
        """Beside the index that answers, the newest of the others."""
        try:
            others = [each for each in await self._indices.all() if each.name != index.name]
            await self._indices.delete(others[:-1])
        except Outage as outage:
            log.warning("older indices stay until the next one", extra={"reason": str(outage)})

    @asynccontextmanager
    async def _deleted_if_it_fails(self, index: Index) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            try:
                await self._indices.delete([index])
            except Outage:
                log.warning("the half-built index stays until the next one is built")
            raise

    async def _take_over(
        self, alone: Alone, index: Index, *, since: int, is_new: bool = False
    ) -> None:
        """Copy what changed after `since`, then let this index answer and be pushed to."""
        for _ in range(ROUNDS):
            until = await self._everything_committed(alone)
            copied = await self._copy_changed(index, since, until)
            since = until
            if copied <= FEW:
                break
        async with alone.without_makers():
            newest = await keeping.newest_version(self._reader)
            await self._copy_changed(index, since, newest)
            count = await self._indices.finish(index)
            if is_new:
                await self._check(index, count)
            await alone.check()
            await self._swap(index, newest)
        self._progress("documents that can be found", count, count)

    async def _swap(self, index: Index, newest: int) -> None:
        """Other indices are not pushed to any more: each notes what it surely has."""
        known = {each.name: each for each in await self._indices.all()}
        still = known.pop(index.name, None)
        if still is None or still.state is None:  # deleted meanwhile, and made by what we sent
            raise NoIndex
        left_at = await self._pushed_to(newest)
        for other in known.values():
            if other.state is State.READY:
                was_pushed_to = bool(other.aliases)
                complete_to = left_at if was_pushed_to else other.complete_to
                await self._indices.note(other, State.LEFT, complete_to)
        await self._indices.note(index, State.READY, newest)
        await self._indices.swap(index, known.values())

    async def note_progress(self, alone: Alone) -> None:
        """Note how far the index is that we push to: from there it is caught up some day."""
        newest = await self._everything_committed(alone)
        complete_to = await self._pushed_to(newest)
        index = await self._indices.serving()
        if index.state is State.READY and index.complete_to < complete_to:
            await self._indices.note(index, State.READY, complete_to)

    async def _pushed_to(self, newest: int) -> int:
        """A version up to which everything was pushed; `newest`: all up to it is committed."""
        oldest = await keeping.oldest_push(self._reader)
        return newest if oldest is None else min(newest, oldest - 1)

    async def _check(self, index: Index, count: int) -> None:
        """Raises: Incomplete."""
        listed = await keeping.count_listed(self._reader)
        refused = await keeping.count_refused(self._reader)
        if not listed - refused <= count <= listed:
            raise Incomplete(f"{index.name} has {count} of {listed} documents")

    async def _everything_committed(self, alone: Alone) -> int:
        """A version up to which every document can be read, and none will be written any more."""
        async with alone.without_makers():
            return await keeping.newest_version(self._reader)

    async def _copy_changed(self, index: Index, since: int, until: int) -> int:
        """How many documents came."""
        copied = 0
        async for page in keeping.changed(self._reader, since=since, until=until):
            await self._send(index, page)
            copied += len(page)
        if copied:
            self._progress("changes meanwhile", copied, copied)
        return copied

    async def _send(self, index: Index, page: Sequence[Kept]) -> None:
        """All of them, with patience. Raises: Outage, NoIndex."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = 0.5
        while True:
            try:
                async for outcome in bulk.send(self._client, index.name, page, is_alias=False):
                    await keeping.remember(self._db, outcome)
            except Outage:
                if time.monotonic() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, 10.0)
