"""One web process of the shop, as a server runs it, on a database of the test's own."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

from deploy.embedded.process import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[str]:
    """Its address under the name that browsers give passkeys to: `http://localhost:port`."""
    port = free_port()
    address = f"http://localhost:{port}"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "uvicorn", "app:app", "--port", str(port)),
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(folder), "PUBLIC_URL": address, **settings},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _ready(f"http://127.0.0.1:{port}/readyz", process)
        yield address
    finally:
        process.terminate()
        await process.wait()


async def _ready(address: str, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with httpx.AsyncClient() as http:
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(address)).is_success:
                    return
            assert process.returncode is None, "The server ended."
            assert time.monotonic() < deadline, "The server did not start."
            await asyncio.sleep(0.1)
