"""Transactions: what `run` sends belongs to them, and dead connections are replaced."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import Text, Uuid, bindparam, insert, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import FAULTS, Database, Query, Reader, counted, run
from core.errors import BadUserInput
from deploy.embedded.postgres import run_sql
from models.catalog import Brand

NEW = Query(
    insert(Brand).values(
        id=bindparam("brand", type_=Uuid()),
        slug=bindparam("name", type_=Text()),
        name=bindparam("name", type_=Text()),
        description=literal_column("'{}'::jsonb"),
    )
)
SLUGS = Query(select(Brand.slug).order_by(Brand.slug))
OURS = Query(select(literal_column("pg_backend_pid()").label("pid")))


async def new(session: AsyncSession, name: str) -> None:
    await run(session, NEW, brand=uuid4(), name=name)


async def slugs(reader: Reader) -> list[str]:
    return [row["slug"] for row in await reader.fetch(SLUGS)]


async def test_all_statements_of_a_failed_transaction_are_undone(
    db: Database, reader: Reader
) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            await new(session, "first")
            await new(session, "second")
            session.add(Brand(slug="third", name="third"))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await slugs(reader) == []


async def test_all_statements_of_a_transaction_are_kept_and_counted(
    db: Database, reader: Reader
) -> None:
    with counted() as seen:
        async with db.transaction() as session:
            await new(session, "first")
            await new(session, "second")
            found = await run(session, SLUGS)

    assert [row["slug"] for row in found] == ["first", "second"]
    assert len(seen) == 3
    assert await slugs(reader) == ["first", "second"]


@pytest.mark.parametrize("before", [0, 1])
async def test_a_character_that_no_text_can_hold_is_the_callers_mistake(
    db: Database, reader: Reader, before: int
) -> None:
    async def write() -> None:
        async with db.transaction() as session:
            for _ in range(before):
                await new(session, "first")
            await new(session, "\0")

    with pytest.raises(BadUserInput):
        await write()

    assert await slugs(reader) == []


async def end(server: str, pid: int) -> None:
    """As if the server had been restarted."""
    statement = f"SELECT pg_terminate_backend({pid}, 2000)"
    assert await asyncio.to_thread(run_sql, server, statement) == "t"


async def pid_of(session: AsyncSession) -> int:
    pid: int = (await run(session, OURS))[0]["pid"]
    return pid


async def test_a_connection_that_ended_while_nobody_used_it_is_replaced(
    db: Database, reader: Reader, postgres_server: str
) -> None:
    async with db.transaction() as session:
        before = await pid_of(session)
    await end(postgres_server, before)

    async with db.transaction() as session:
        await new(session, "first")
        assert await pid_of(session) != before

    assert await slugs(reader) == ["first"]


@pytest.mark.parametrize("is_compiled", [True, False])
async def test_a_connection_that_ends_in_a_transaction_is_a_fault_and_leaves_nothing(
    db: Database, reader: Reader, postgres_server: str, *, is_compiled: bool
) -> None:
    async def lose() -> None:
        async with db.transaction() as session:
            await new(session, "first")
            await end(postgres_server, await pid_of(session))
            if is_compiled:
                await new(session, "second")
            else:
                await session.execute(select(Brand.id))

    with pytest.raises(FAULTS):
        await lose()

    async with db.transaction() as session:
        await new(session, "third")
    assert await slugs(reader) == ["third"]
