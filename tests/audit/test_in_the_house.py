"""The worker seals by itself, and the command checks what it sealed."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from core.db import Database, plain_url
from core.ids import new_id
from services import audit
from tests.conftest import SECRET

FreshDatabase = Callable[[], Awaitable[str]]


@pytest.fixture
async def own_url(fresh_database: FreshDatabase) -> str:
    return await fresh_database()


def verify(root: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.verify_audit", *arguments],
        cwd=root,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def sealed(connection: asyncpg.Connection, count: int) -> float:
    """Seconds until so many entries are sealed."""
    began = time.monotonic()
    async with asyncio.timeout(20):
        while True:
            if await connection.fetchval("SELECT count(position) FROM audit_seals") >= count:
                return time.monotonic() - began
            await asyncio.sleep(0.02)


async def test_the_worker_seals_within_a_second_and_the_command_finds_tampering(
    root: Path, tmp_path: Path, own_url: str, redis_url: str
) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": own_url,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(tmp_path),
        "TOKEN_SECRET": SECRET,
        "LOG_LEVEL": "WARNING",
    }
    connection = await asyncpg.connect(plain_url(own_url))
    db = Database(own_url, size=2)
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workers", cwd=root, env=environment
    )
    try:
        await audit.note(db, audit.entry("FIRST", "Thing", new_id()))
        await sealed(connection, 1)  # it has started
        await audit.note(db, *(audit.entry("MORE", "Thing", new_id()) for _ in range(50)))
        seconds = await sealed(connection, 51)
    finally:
        worker.send_signal(signal.SIGTERM)
        await asyncio.wait_for(worker.wait(), 20)
    assert seconds < 1

    keys = await asyncio.to_thread(verify, root, own_url, "--show-keys")
    (tmp_path / "keys").write_text(keys.stdout)
    trusting = ("--keys", str(tmp_path / "keys"))
    well = await asyncio.to_thread(verify, root, own_url, *trusting)
    head = well.stdout.splitlines()[1].removeprefix("Head: ")
    again = await asyncio.to_thread(verify, root, own_url, *trusting, "--head", head)
    await connection.execute("SET session_replication_role = replica")
    touched = await connection.fetchval(
        "UPDATE audit_entries SET action = 'LESS' WHERE id ="
        " (SELECT entry_id FROM audit_seals WHERE position = 17) RETURNING id"
    )
    broken = await asyncio.to_thread(verify, root, own_url, *trusting)
    await connection.close()
    await db.close()

    assert (well.returncode, again.returncode, broken.returncode) == (0, 0, 1)
    assert "Entries checked: 51; with erased details: 0." in well.stdout
    assert f"BROKEN: Entry {touched} at position 17 was changed" in broken.stdout


async def test_a_killed_sealer_leaves_a_chain_that_goes_on(
    root: Path, tmp_path: Path, own_url: str, redis_url: str
) -> None:
    program = f"""
import asyncio
from core.db import Database, Reader
from services import audit

async def main():
    db, reader = Database({own_url!r}, size=2), Reader({own_url!r}, size=1)
    await reader.open()
    keys = audit.KeyRing({SECRET!r})
    while True:
        await audit.seal(db, reader, keys, size=3)

asyncio.run(main())
"""
    connection = await asyncpg.connect(plain_url(own_url))
    db = Database(own_url, size=2)
    await audit.note(db, *(audit.entry("MANY", "Thing", new_id()) for _ in range(600)))
    for count in (50, 300, 600):
        sealer = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=root)
        await sealed(connection, count)
        sealer.kill()
        await sealer.wait()

    result = await asyncio.to_thread(verify, root, own_url)
    await connection.close()
    await db.close()

    assert result.returncode == 0, result.stdout
    assert "Entries checked: 600;" in result.stdout
