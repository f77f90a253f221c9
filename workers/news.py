"""Wakes consumers when the sequencer has positions for them, by PostgreSQL's LISTEN."""

import asyncio
from collections.abc import Sequence

import asyncpg

from core.db import plain_url
from workers.outbox import CHANNEL


class News:
    """One connection that listens. Without it consumers only look less often."""

    def __init__(self, url: str, wakes: Sequence[asyncio.Event]) -> None:
        self._url, self._wakes = plain_url(url), wakes
        self._connection: asyncpg.Connection | None = None

    async def keep_listening(self) -> int:
        """Connect when we are not, and look once for what came before. Raises: core.db.FAULTS."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=5)
            await self._connection.add_listener(CHANNEL, self._heard)
            self._heard()
        return 0

    def close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()

    def _heard(self, *_: object) -> None:
        for wake in self._wakes:
            wake.set()
