"""Who answers: Elasticsearch while it does, PostgreSQL while it does not.

After FAILURES in a row nobody waits for Elasticsearch any more: it is asked in the background until
it answers again.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

from search.answer import Answer
from search.engine import Engine, EngineFailed
from search.question import Question
from search.words import Words

FAILURES: Final = 3
LOOK_AGAIN_SECONDS: Final = 1.0

log = logging.getLogger("search")
T = TypeVar("T")


class Checked(Engine, Protocol):
    async def check(self) -> None:
        """One small search. Raises: EngineFailed."""
        ...


class Search:
    """is_degraded: who answers at this moment is the stand-in."""

    def __init__(self, standin: Engine, elastic: Checked | None) -> None:
        self._standin, self._elastic = standin, elastic
        self._failures = 0
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_degraded(self) -> bool:
        return self._elastic is None or self._looking is not None

    async def search(self, question: Question) -> Answer:
        return await self._ask(lambda engine: engine.search(question))

    async def counts(self, questions: Sequence[Question]) -> list[int]:
        return await self._ask(lambda engine: engine.counts(questions)) if questions else []

    async def corrected(self, words: Words, language: str) -> Words | None:
        return await self._ask(lambda engine: engine.corrected(words, language))

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking

    async def _ask(self, ask: Callable[[Engine], Awaitable[T]]) -> T:
        if self._elastic is None or self._looking is not None:
            return await ask(self._standin)
        try:
            answer = await ask(self._elastic)
        except EngineFailed as error:
            self._failed(error)
            return await ask(self._standin)
        self._failures = 0
        return answer

    def _failed(self, error: EngineFailed) -> None:
        self._failures += 1
        log.warning("elasticsearch failed", extra={"reason": str(error), "row": self._failures})
        if self._failures >= FAILURES and self._looking is None:
            log.warning("postgresql answers searches until elasticsearch does again")
            self._looking = asyncio.create_task(self._look(), name="search: look again")

    async def _look(self) -> None:
        assert self._elastic is not None, "there is something to look for"
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self._elastic.check()
            except EngineFailed:
                continue
            log.info("elasticsearch answers searches again")
            self._failures, self._looking = 0, None
            return
