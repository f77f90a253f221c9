"""A server that answers whatever a test says, or nothing at all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

WHOLE: Mapping[str, Any] = {
    "took": 3,
    "timed_out": False,
    "_shards": {"failed": 0},
    "hits": {"total": {"value": 0}},
}


@dataclass
class Canned:
    """body None: it takes the question and never answers. asked: what came, headers and all."""

    url: str = ""
    status: int = 200
    body: bytes | None = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[bytes] = field(default_factory=list)

    def answers(self, body: Any, *, status: int = 200, **headers: str) -> None:
        self.body, self.status, self.headers = orjson.dumps(body), status, headers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head + await reader.readexactly(_length(head)))
                if self.body is None:
                    await reader.read()  # until the other side hangs up
                    break
                writer.write(self._answer(self.body))
                await writer.drain()
        writer.close()

    def _answer(self, body: bytes) -> bytes:
        headers = {
            "content-type": "application/json",
            "x-elastic-product": "Elasticsearch",
            "content-length": str(len(body)),
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} As told", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return int(value)
    return 0


@contextlib.asynccontextmanager
async def canned() -> AsyncIterator[Canned]:
    told = Canned()
    server = await asyncio.start_server(told._serve, "127.0.0.1", 0)
    async with server:
        told.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield told
