"""Proof that a refusal left no trace: every row of every table is as it was."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

Watch = Callable[[], AbstractAsyncContextManager[None]]

TABLES = """
SELECT relname FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
ORDER BY relname
"""


async def everything(connection: asyncpg.Connection) -> dict[str, str | None]:
    """Table -> a digest of its rows; None for an empty one."""
    tables = [row["relname"] for row in await connection.fetch(TABLES)]
    return {
        table: await connection.fetchval(
            f"SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM \"{table}\" AS t"
        )
        for table in tables
    }


def watching(connection: asyncpg.Connection) -> Watch:
    @asynccontextmanager
    async def nothing_changes() -> AsyncIterator[None]:
        before = await everything(connection)
        yield
        assert await everything(connection) == before

    return nothing_changes
