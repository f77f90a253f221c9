"""A load generator for machines without wrk: `python -m bench.generator FILE URL SECONDS N`.

Keeps N connections busy, each with one request at a time, and prints one line:
RESULT requests microseconds p50 p99 errors (times in microseconds).
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httptools

OK: Final = range(200, 300)


class Client(asyncio.Protocol):
    """One connection: sends the next request when the answer to the last one is complete."""

    def __init__(self, messages: Iterator[bytes], until: float) -> None:
        self.messages, self.until = messages, until
        self.times: list[float] = []
        self.errors = 0
        self.sent_at = 0.0
        self.ended = asyncio.get_running_loop().create_future()
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.messages))

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        ended = time.perf_counter()
        self.times.append(ended - self.sent_at)
        self.errors += self.parser.get_status_code() not in OK
        if ended >= self.until:
            self.transport.close()
        else:
            self.send()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def messages_of(file: Path, url: str) -> Iterator[bytes]:
    parts = urlsplit(url)
    written = []
    for each in json.loads(file.read_text()):
        body = each["body"].encode()
        headers = {"host": parts.netloc, **each["headers"], "content-length": str(len(body))}
        lines = [f"POST {parts.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items()), "", ""]
        written.append("\r\n".join(lines).encode() + body)
    return itertools.cycle(written)


async def run(file: Path, url: str, seconds: float, connections: int) -> str:
    parts = urlsplit(url)
    assert parts.hostname, "an address with a host"
    assert parts.port, "and a port"
    host, port = parts.hostname, parts.port
    messages, loop = messages_of(file, url), asyncio.get_running_loop()
    started = time.perf_counter()
    clients = []
    for _ in range(connections):
        _, client = await loop.create_connection(
            lambda: Client(messages, started + seconds), host, port
        )
        clients.append(client)
    await asyncio.wait([client.ended for client in clients], timeout=seconds + 15)
    elapsed = time.perf_counter() - started
    times = sorted(itertools.chain.from_iterable(client.times for client in clients)) or [0.0]
    p50, p99 = (int(times[len(times) * part // 100] * 1e6) for part in (50, 99))
    errors = sum(client.errors + (not client.ended.done()) for client in clients)
    return f"RESULT {len(times)} {int(elapsed * 1e6)} {p50} {p99} {errors}"


if __name__ == "__main__":
    name, address, duration, number = sys.argv[1:]
    sys.stdout.write(asyncio.run(run(Path(name), address, float(duration), int(number))) + "\n")
