"""A turnstile before the stock of each variant.

Whoever wants a hot article waits here, without a connection, rather than in the database with one:
otherwise the buyers of one article use up all connections and everybody else waits for them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from core.errors import Unavailable

AT_ONCE: Final = 2
PATIENCE_SECONDS: Final = 10.0


class Turnstile:
    """Lets AT_ONCE callers of this process through per variant; the others queue in order."""

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def passed(self, variants: Iterable[UUID]) -> AsyncIterator[None]:
        """Hold a place for each of the variants.

        Raises: Unavailable after PATIENCE_SECONDS.
        """
        async with AsyncExitStack() as places:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    for variant in sorted({*variants}):  # one order for all: no circle of waiting
                        await places.enter_async_context(self._gate(variant))
            except TimeoutError:
                raise Unavailable("Too many want this at the moment; try again.") from None
            yield

    def _gate(self, variant: UUID) -> asyncio.Semaphore:
        gate = self._gates.get(variant)
        if gate is None:
            self._gates[variant] = gate = asyncio.Semaphore(AT_ONCE)
        return gate
