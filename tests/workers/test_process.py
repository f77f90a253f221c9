"""`python -m workers` as a process: it works, and ends when told."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from sqlalchemy import insert, select, text, update

from core.db import Database
from core.ids import new_id
from models.outbox import OutboxEvent
from models.platform import IdempotencyKey
from services import events
from tests.conftest import SECRET

FreshDatabase = Callable[[], Awaitable[str]]


@asynccontextmanager
async def workers(
    root: Path, tmp_path: Path, database_url: str, redis_url: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path),
        "TOKEN_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers", cwd=root, env=environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def own_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database()


@pytest.fixture
async def own_db(own_url: str) -> AsyncIterator[Database]:
    database = Database(own_url, size=4)
    yield database
    await database.close()


@pytest.fixture
async def listener(redis_url: str) -> AsyncIterator[PubSub]:
    async with Redis.from_url(redis_url, decode_responses=True) as redis, redis.pubsub() as opened:
        yield opened


async def eventually(db: Database, statement: object) -> None:
    """Until the statement finds something true."""
    async with asyncio.timeout(20):
        while True:
            async with db.transaction() as session:
                if await session.scalar(statement):
                    return
            await asyncio.sleep(0.05)


async def test_it_does_its_work_and_ends_cleanly_on_sigterm(
    root: Path,
    tmp_path: Path,
    own_url: str,
    own_db: Database,
    redis_url: str,
    listener: PubSub,
) -> None:
    thing = new_id()
    await listener.subscribe(f"live:{thing.hex}")
    old = {"caller_id": new_id(), "mutation": "x", "key": "k", "input_hash": b""}
    async with own_db.transaction() as session:
        await session.execute(insert(IdempotencyKey).values(old))
        ago = text("now() - interval '31 days'")
        await session.execute(update(IdempotencyKey).values(created_at=ago))
        await events.record(session, events.event("ThingChanged", thing, version=2))

    async with workers(root, tmp_path, own_url, redis_url) as process:
        await eventually(own_db, select(OutboxEvent.position))
        await eventually(own_db, select(~select(IdempotencyKey.key).exists()))
        told = [await listener.get_message(timeout=10) for _ in range(2)][1]
        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), timeout=10)

    assert told is not None
    assert told["data"] == '{"position":1,"kind":"ThingChanged","facts":{"version":2}}'
    assert (process.returncode, errors.decode()) == (0, "")


async def test_it_goes_on_when_the_database_has_thrown_it_out(
    root: Path, tmp_path: Path, own_url: str, own_db: Database, redis_url: str
) -> None:
    async with workers(root, tmp_path, own_url, redis_url) as process:
        async with own_db.transaction() as session:
            await events.record(session, events.event("Before", new_id()))
        await eventually(own_db, select(OutboxEvent.position))

        async with own_db.transaction() as session:
            await session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
            await events.record(session, events.event("After", new_id()))
        await eventually(own_db, select(OutboxEvent.position).where(OutboxEvent.kind == "After"))

        assert process.returncode is None
