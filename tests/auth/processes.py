"""Web processes of one shop, as production runs them: several, on one database and one Valkey."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx

from tests.running import ROOT, becomes_true

START_SECONDS = 60


@dataclass
class Web:
    """One process: its address, and how to ask it."""

    url: str
    process: subprocess.Popen[bytes]
    http: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.url, timeout=10)

    @property
    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    async def status(self, token: str, query: str = "{ me { id } }") -> int:
        headers = {"authorization": f"Bearer {token}"}
        response = await self.http.post("/graphql", json={"query": query}, headers=headers)
        return response.status_code


@contextlib.asynccontextmanager
async def web_processes(environment: Mapping[str, str], count: int) -> AsyncIterator[list[Web]]:
    """They know each other by the servers they share only."""
    started = [_started(environment) for _ in range(count)]
    try:
        for web in started:
            assert becomes_true(lambda web=web: web.is_ready, seconds=START_SECONDS)
        yield started
    finally:
        for web in started:
            await web.http.aclose()
            web.process.kill()
            web.process.wait()


def _started(environment: Mapping[str, str]) -> Web:
    listener = socket.create_server(("127.0.0.1", 0))
    port, handle = listener.getsockname()[1], listener.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.server", "--fd", str(handle)],
        cwd=ROOT,
        env={**os.environ, **environment},
        pass_fds=[handle],
        stderr=subprocess.DEVNULL,
    )
    listener.close()
    return Web(f"http://127.0.0.1:{port}", process)
