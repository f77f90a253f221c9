"""Who waits for whom among those who keep the documents: PostgreSQL's advisory locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import plain_url

_MAKERS: Final = 7_246_011
_REBUILDERS: Final = 7_246_012


class Busy(Exception):
    """An index is being built, here or by another process."""

    def __str__(self) -> str:
        return "An index is being built already."


async def share(session: AsyncSession) -> None:
    """A maker at work, until its transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock_shared(_MAKERS)))


class Alone:
    """The right to build indexes, which lasts as long as its connection.

    Its methods raise one of core.db.FAULTS when the connection, and with it the right, is gone.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def check(self) -> None:
        await self._connection.execute("SELECT 1")

    @asynccontextmanager
    async def without_makers(self) -> AsyncIterator[None]:
        """Nobody makes a document meanwhile: all that have a version are committed.

        Raises: asyncpg.LockNotAvailableError when a maker takes longer than we wait.
        """
        await self._connection.execute("SELECT pg_advisory_lock($1)", _MAKERS)
        try:
            yield
        finally:
            await self._connection.execute("SELECT pg_advisory_unlock($1)", _MAKERS)


@asynccontextmanager
async def alone(database_url: str) -> AsyncIterator[Alone]:
    """One process at a time builds indexes. Raises: Busy."""
    patience = {"lock_timeout": "10s"}
    connection = await asyncpg.connect(plain_url(database_url), timeout=5, server_settings=patience)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _REBUILDERS):
            raise Busy
        yield Alone(connection)
    finally:
        await connection.close(timeout=5)
