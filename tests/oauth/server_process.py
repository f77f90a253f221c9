"""One web process of the shop, as production runs it; it can be killed and started again."""

import asyncio
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx

from deploy.embedded.process import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
SECRET = "a secret of one server, long enough for anything"


class Server:
    """`uvicorn app:app` on a database of its own."""

    def __init__(self, *, database_url: str, redis_url: str, data_dir: Path) -> None:
        self.port = free_port()
        self.env = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(data_dir),
            "TOKEN_SECRET": SECRET,
            "PUBLIC_URL": self.url,
            "LOG_LEVEL": "WARNING",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._launch()
        await self._wait()

    def _launch(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(self.port)]
        self._process = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=subprocess.DEVNULL)

    async def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        async with httpx.AsyncClient(base_url=self.url) as http:
            while time.monotonic() < deadline:
                assert self._process is not None
                assert self._process.poll() is None, "the server did not start"
                with suppress(httpx.TransportError):
                    if (await http.get("/readyz")).is_success:
                        return
                await asyncio.sleep(0.05)
        raise AssertionError("the server did not start in time")

    def kill(self) -> None:
        """As `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
