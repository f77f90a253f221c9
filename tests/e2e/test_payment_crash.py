"""`kill -9` of the server in the middle of a payment: the money moves once, the orders are right."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from core.db import Database
from deploy.embedded.process import free_port
from models.orders import Order, OrderGroup
from models.payments import Payment, PaymentAttempt, Refund
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.payments.paying import (
    INITIALIZE,
    PAYMENT,
    charges,
    check_books,
    pay,
    statuses,
    stock,
    time_passes,
    wanted,
)
from tests.payments.sandbox_process import API_KEY, Sandbox
from tests.shopping import new_key, place

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
_EMPTY = Context()  # in which no transaction is open
CANCEL = """mutation($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { status totals { refunded { amount } } } userErrors { code } } }"""


async def becomes_true(condition: Callable[[], Awaitable[Any]], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        await asyncio.sleep(0.02)


class Server:
    """One web process on a database of its own; it can be killed and started again."""

    def __init__(self, env: dict[str, str]) -> None:
        self.port = free_port()
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.env = env
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._launch()
        await becomes_true(self._is_ready, seconds=START_SECONDS)

    def _launch(self) -> None:
        command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self.env}, stderr=subprocess.DEVNULL
        )

    async def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return (await self.http.get("/readyz")).is_success
        return False

    def kill(self) -> None:
        """As `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


class Place:
    """A server, its database, its card provider."""

    def __init__(self, server: Server, db: Database, sandbox: Sandbox) -> None:
        self.server, self.db, self.sandbox = server, db, sandbox
        self.ask = Ask(server.http)

    async def worker_until(self, column: Any, value: Any) -> None:
        """`python -m workers`, a while later, until a table's one row has a value."""
        await time_passes(self.db)
        worker = self._worker()
        try:
            await becomes_true(lambda: self.has(column, value), seconds=START_SECONDS)
        finally:
            worker.terminate()
            worker.wait()

    def _worker(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "workers"], cwd=ROOT, env={**os.environ, **self.server.env}
        )

    async def has(self, column: Any, value: Any) -> bool:
        return bool(await self.one(column) == value)

    async def one(self, column: Any) -> Any:
        async with self.db.transaction() as session:
            return await session.scalar(select(column))


@pytest.fixture
async def shop(
    fresh_database: Callable[[], Awaitable[str]], redis_url: str, tmp_path: Path
) -> AsyncIterator[Place]:
    url = await fresh_database()
    async with Sandbox.running(tmp_path / "cards") as sandbox, opened(url) as db:
        server = Server(
            {
                "DATABASE_URL": url,
                "REDIS_URL": redis_url,
                "TOKEN_SECRET": "a secret of the tests, long enough for anything",
                "STRIPE_API_KEY": API_KEY,
                "STRIPE_API_BASE": sandbox.url,
                "LOG_LEVEL": "ERROR",
            }
        )
        await server.start()
        yield Place(server, db, sandbox)
        server.kill()
        await server.http.aclose()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    db = Database(url, size=8)
    yield db
    await db.close()


async def dies(shop: Place, doing: asyncio.Task[Any]) -> None:
    """The server is killed while somebody waits for its answer."""
    shop.server.kill()
    with pytest.raises(httpx.TransportError):
        await doing


async def test_killed_between_the_charge_and_our_knowing_of_it(shop: Place) -> None:
    async with shop.db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    guest, group = await place(shop.ask, *stalls)
    first = wanted(group)
    await shop.sandbox.spoil("hang", path="/v1/payment_intents")
    paying = asyncio.create_task(guest(INITIALIZE, input=first))

    await becomes_true(lambda: charges(shop.db, shop.sandbox))
    await dies(shop, paying)
    left = (await shop.one(PaymentAttempt.state), await shop.one(OrderGroup.status))
    await shop.worker_until(OrderGroup.status, "PAID")
    await shop.server.start()
    replayed = (await guest(INITIALIZE, input=first))["paymentInitialize"]

    assert left == ("CREATED", "PENDING_PAYMENT")
    assert replayed["userErrors"] == []
    assert replayed["payment"]["status"] == "CAPTURED"
    assert replayed["payment"]["orderGroup"] == {"status": "PAID"}
    assert len(await charges(shop.db, shop.sandbox)) == 1
    assert await statuses(shop.db) == (["PAID"], ["PAID", "PAID"])
    assert await stock(shop.db) == [(10, 0, 1), (10, 0, 1)]
    await check_books(shop.db)


async def test_killed_between_booking_the_charge_and_marking_the_orders_paid(
    shop: Place,
) -> None:
    async with shop.db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(shop.ask, stall)
    await shop.sandbox.spoil("slow", path="/v1/payment_intents", seconds=1)
    paying = asyncio.create_task(guest(INITIALIZE, input=wanted(group)))
    await becomes_true(lambda: shop.one(PaymentAttempt.id))

    async with shop.db.transaction() as session:
        await session.scalar(select(OrderGroup).with_for_update())  # the orders can't be marked
        await becomes_true(lambda: captured(shop))
        await dies(shop, paying)
    left = (await shop.one(Payment.captured_minor), await shop.one(OrderGroup.status))
    await shop.worker_until(OrderGroup.status, "PAID")

    assert left == (1_500, "PENDING_PAYMENT")
    assert len(await charges(shop.db, shop.sandbox)) == 1
    assert await statuses(shop.db) == (["PAID"], ["PAID"])
    assert await stock(shop.db) == [(10, 0, 1)]
    await check_books(shop.db)


async def captured(shop: Place) -> bool:
    """Asked on a connection of its own: the test holds a lock in its transaction."""
    task = asyncio.create_task(shop.one(Payment.captured_minor), context=_EMPTY)
    return bool(await task)


async def test_killed_between_the_cancel_and_the_refund(shop: Place) -> None:
    async with shop.db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(shop.ask, stall)
    payment = await pay(guest, group)
    await shop.sandbox.spoil("hang", path="/v1/refunds")
    order = {"orderId": group["orders"][0]["id"], "idempotencyKey": new_key()}
    cancelling = asyncio.create_task(guest(CANCEL, input=order))

    await becomes_true(lambda: refunded(shop))
    await dies(shop, cancelling)
    left = await shop.one(Refund.status)
    await shop.worker_until(Order.refunded_minor, 1_500)
    await shop.server.start()
    cancelled = (await guest(CANCEL, input=order))["orderCancel"]["order"]

    assert left == "REQUESTED"
    assert cancelled == {"status": "CANCELLED", "totals": {"refunded": {"amount": "15.00"}}}
    assert (await guest(PAYMENT, id=payment["id"]))["payment"]["status"] == "REFUNDED"
    assert [each["amount_refunded"] for each in await charges(shop.db, shop.sandbox)] == [1_500]
    assert await stock(shop.db) == [(10, 0, 0)]
    await check_books(shop.db)


async def refunded(shop: Place) -> bool:
    return any(each["amount_refunded"] for each in await charges(shop.db, shop.sandbox))
