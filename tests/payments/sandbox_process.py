"""The sandbox as a process of its own, and a receiver of its webhooks, for the tests of cards."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

from integrations.payments.card import CardProvider
from services.payments.ports import PaymentRequest, ThreeDSecure

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "sk_test_of_these_tests"
WEBHOOK_SECRET = "whsec_of_these_tests"
RETURN_URL = "http://127.0.0.1:9/orders/7?tab=payment"
START_SECONDS = 20
VISA = "pm_card_visa"


class Sandbox:
    """One sandbox; it can be killed and started again on the same state."""

    def __init__(self, state: Path, *, webhook_url: str = "") -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.AsyncClient(base_url=self.url, auth=(API_KEY, ""), timeout=10)
        self._arguments = [
            *("--port", str(self.port), "--state", str(state), "--api-key", API_KEY),
            *("--webhook-url", webhook_url, "--webhook-secret", WEBHOOK_SECRET),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, state: Path, *, webhook_url: str = "") -> AsyncIterator[Self]:
        sandbox = cls(state, webhook_url=webhook_url)
        await sandbox.start()
        yield sandbox
        sandbox.kill()
        await sandbox.http.aclose()

    async def start(self) -> None:
        self._launch()
        deadline = time.monotonic() + START_SECONDS
        while not await self._answers():
            assert time.monotonic() < deadline, "The sandbox does not answer."
            await asyncio.sleep(0.05)

    def _launch(self) -> None:
        command = [sys.executable, "-m", "integrations.payments.sandbox", *self._arguments]
        self._process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)

    async def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "The sandbox ended."
        try:
            return (await self.http.get("/_control/health")).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def provider(self, *, timeout: float = 5, retries: int = 0) -> CardProvider:
        return CardProvider(
            api_key=API_KEY,
            api_base=self.url,
            webhook_secrets=[WEBHOOK_SECRET],
            timeout=httpx.Timeout(timeout),
            retries=retries,
        )

    async def spoil(self, fault: str, **order: Any) -> None:
        """Order a fault for the next request."""
        await self.control("POST", "faults", fault=fault, **order)

    async def control(self, method: str, path: str, /, **body: Any) -> Any:
        response = await self.http.request(method, f"/_control/{path}", json=body)
        response.raise_for_status()
        return response.json() if response.content else None

    async def post(
        self, path: str, form: dict[str, Any], *, key: str | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self.http.post(f"/v1/{path}", data=form, headers=headers)

    async def charges_of(self, attempt: uuid.UUID) -> list[dict[str, Any]]:
        everything = await self.control("GET", "charges")
        return [each for each in everything if each["metadata"].get("attempt_id") == str(attempt)]

    async def authenticate(self, step: ThreeDSecure | None, outcome: str) -> httpx.Response:
        """Press a button on the bank's page."""
        assert step is not None
        assert step.redirect_url is not None
        return await self.http.post(step.redirect_url, data={"outcome": outcome})


@dataclass
class Delivered:
    raw: bytes
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.raw)


class Receiver:
    """A shop's address for webhooks. answers: statuses of the next deliveries; then 200."""

    def __init__(self) -> None:
        self.received: list[Delivered] = []
        self.answers: list[int] = []
        self._lock = threading.Lock()

    def take(self, raw: bytes, headers: dict[str, str]) -> int:
        with self._lock:
            self.received.append(Delivered(raw, headers))
            return self.answers.pop(0) if self.answers else 200

    def about(self, identifier: str) -> list[Delivered]:
        """The deliveries whose event names this object, in their order."""
        return [each for each in list(self.received) if identifier.encode() in each.raw]

    def kinds(self, identifier: str) -> list[str]:
        return [each.event["type"] for each in self.about(identifier)]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # many deliveries knock at once


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(raw, dict(self.headers)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Silence: the tests read what arrived."""

    server = _Server(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield receiver, f"http://127.0.0.1:{server.server_port}/webhooks/card"
    server.shutdown()
    server.server_close()
    serving.join()


def request_of(
    payment_method: str = VISA, *, amount: int = 4_200, currency: str = "USD", **more: Any
) -> PaymentRequest:
    return PaymentRequest(
        attempt_id=uuid.uuid4(),
        amount_minor=amount,
        currency=currency,
        payment_method=payment_method,
        **{"return_url": RETURN_URL, **more},
    )


def new_key() -> str:
    return f"test:{uuid.uuid4()}"


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
