"""The load generators count what a server saw."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import httptools
import pytest

from bench.load import Load
from bench.requests import Request

REQUESTS = [Request(b'{"query": "{ \xc3\xa4 }"}', "token"), Request(b'{"query": "{ b }"}')]


class Server(asyncio.Protocol):
    """Answers every request with 204, or the status that its class says; notes the bodies."""

    status = b"204 No Content"

    def __init__(self, bodies: list[tuple[bytes, bytes]]) -> None:
        self.bodies = bodies
        self.token = b""
        self.parser = httptools.HttpRequestParser(self)

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_begin(self) -> None:
        self.token = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self.token = value

    def on_body(self, body: bytes) -> None:
        self.bodies.append((self.token, body))

    def on_message_complete(self) -> None:
        self.transport.write(b"HTTP/1.1 " + self.status + b"\r\ncontent-length: 0\r\n\r\n")


class Broken(Server):
    status = b"500 Internal Server Error"


@pytest.fixture
async def bodies() -> list[tuple[bytes, bytes]]:
    return []


@pytest.fixture(params=[Server, Broken])
async def url(
    request: pytest.FixtureRequest, bodies: list[tuple[bytes, bytes]]
) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: request.param(bodies), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/graphql"
    server.close()


def generators() -> list[str]:
    return [name for name in ("wrk", "bench.generator") if name != "wrk" or shutil.which("wrk")]


@pytest.mark.parametrize("generator", generators())
async def test_requests_are_sent_in_turn_and_failures_are_counted(
    generator: str,
    url: str,
    bodies: list[tuple[bytes, bytes]],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    load = Load(tmp_path, REQUESTS, generator=generator)

    sent = await asyncio.to_thread(load.send, url, seconds=1, connections=2)

    is_broken = request.node.callspec.params["url"] is Broken
    assert sent.requests > 10
    assert sent.errors == (sent.requests if is_broken else 0)
    assert 0 < sent.p50 <= sent.p99 < 1000
    assert {*bodies} == {(b"Bearer token", REQUESTS[0].body), (b"", REQUESTS[1].body)}
    assert abs(len(bodies) - sent.requests) <= 2


async def test_only_this_machine_is_measured(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        Load(tmp_path, REQUESTS).send("http://192.0.2.1/graphql", seconds=1)
