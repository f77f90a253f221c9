"""Documents pushed to Elasticsearch as they are made; what it does not take now waits.

Nothing is taken off the list before Elasticsearch has it, so that an outage of any kind costs time
only. Several may push: versions see to it that the newest document stays.
"""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from elasticsearch import AsyncElasticsearch

from core.db import Database, Reader
from search.indexing import bulk, keeping
from search.indexing.bulk import Kept, NoIndex, Outage
from search.indexing.indices import Index, Indices, State
from search.indexing.locks import Alone, Busy
from search.indexing.rebuilding import Rebuilder

FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 5.0  # between looks at an index that there is nothing for
NOTE_SECONDS: Final = 60.0  # between notes how far the index is
LEFT_ALONE_SECONDS: Final = 30.0  # after which somebody else should have pushed

log = logging.getLogger("search")


class Pusher:
    """Keeps one index up to date; sees to it that there is one.

    What pushes to the index of another shape may run at the same time, while a release is rolled
    out: whoever's index was made, or caught up, last goes on; the others stop. If it ends, too,
    they notice that nobody pushes.
    """

    def __init__(
        self,
        db: Database,
        reader: Reader,
        client: AsyncElasticsearch,
        indices: Indices,
        rebuilder: Rebuilder,
        claim: Callable[[], AbstractAsyncContextManager[Alone]],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db, self._reader, self._client = db, reader, client
        self._indices, self._rebuilder, self._claim = indices, rebuilder, claim
        self._now = now
        self._pause = 0.0
        self._not_before = self._look_at = now()
        self._note_at = now() + NOTE_SECONDS
        self._has_caught_up = False
        self._unpushed: tuple[int, float] | None = None

    @property
    def is_waiting(self) -> bool:
        """Elasticsearch did not take what it was sent last."""
        return self._pause > 0

    async def push(self) -> int:
        """One round: how many documents Elasticsearch has dealt with; 0 while it is not there."""
        if self._now() < self._not_before:
            return 0
        try:
            done = await self._round()
        except (Outage, Busy) as reason:
            self._wait(str(reason))
            return 0
        if self._pause:
            log.info("documents are pushed again")
            self._pause = 0.0
        return done

    async def _round(self) -> int:
        waiting = await keeping.waiting(self._reader)
        if not waiting and self._has_caught_up and self._now() < self._look_at:
            return 0
        self._look_at = self._now() + LOOK_SECONDS
        try:
            return await self._serve(waiting)
        except NoIndex:
            log.warning("there is no index of products: it is built")
            async with self._claim() as alone:
                await self._rebuilder.rebuild(alone)
            self._has_caught_up = True
            return 1

    async def _serve(self, waiting: list[Kept]) -> int:
        # Read after what waits: an index that was left since then has all of it.
        index = await self._indices.serving()
        if not self._has_caught_up or self._is_left_alone(index, waiting):
            await self._catch_up(index)
            return 0
        if index.state is State.LEFT:
            return 0
        done = await self._send(waiting)
        await self._note_progress()
        return done

    async def _catch_up(self, index: Index) -> None:
        """What was not pushed at all: Elasticsearch was not configured, or restored from a copy.

        While somebody builds an index, this one is pushed to as it is.
        """
        try:
            async with self._claim() as alone:
                await self._rebuilder.catch_up(alone)
        except Busy:
            if index.state is State.LEFT:
                raise
        self._has_caught_up = True

    async def _note_progress(self) -> None:
        """Now and then: after a restart, what came later than the last note is sent once more."""
        if self._now() < self._note_at:
            return
        self._note_at = self._now() + NOTE_SECONDS
        try:
            async with self._claim() as alone:
                await self._rebuilder.note_progress(alone)
        except Busy:
            return

    def _is_left_alone(self, index: Index, waiting: list[Kept]) -> bool:
        """An index that is not ours any more, and yet nobody pushes."""
        if index.state is not State.LEFT or not waiting:
            self._unpushed = None
            return False
        oldest = waiting[0].version
        if self._unpushed is None or self._unpushed[0] != oldest:
            self._unpushed = oldest, self._now()
        return self._now() - self._unpushed[1] > LEFT_ALONE_SECONDS

    async def _send(self, waiting: list[Kept]) -> int:
        done = 0
        alias = self._indices.alias
        async for outcome in bulk.send(self._client, alias, waiting, is_alias=True):
            await keeping.settle(self._db, outcome)
            done += len(outcome.taken) + len(outcome.refused)
        return done

    def _wait(self, reason: str) -> None:
        if not self._pause:
            log.warning("documents are not pushed now", extra={"reason": reason})
        self._pause = min(max(2 * self._pause, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._not_before = self._now() + self._pause
