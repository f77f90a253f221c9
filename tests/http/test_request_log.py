"""Which requests get a line in the log, and what never does."""

import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core import http
from core.http import SAMPLE, RequestMiddleware


async def answer(request: Request) -> Response:
    return PlainTextResponse("", int(request.path_params["status"]))


def new_client() -> httpx.AsyncClient:
    inner = Starlette(routes=[Route("/{status:int}", answer)])
    transport = httpx.ASGITransport(app=RequestMiddleware(inner))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    return [(each.levelname, each.status) for each in caplog.records if each.name == "request"]  # type: ignore[attr-defined]


async def test_of_ordinary_requests_one_in_a_hundred_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "request")

    async with new_client() as client:
        for _ in range(2 * SAMPLE):
            await client.get("/200")

    assert lines(caplog) == [("INFO", 200)] * 2


async def test_every_fault_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "request")

    async with new_client() as client:
        for status in (503, 404, 500):
            await client.get(f"/{status}")

    assert lines(caplog) == [("WARNING", 503), ("WARNING", 500)]


async def test_every_slow_request_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.WARNING, "request")
    monkeypatch.setattr(http, "SLOW_MILLISECONDS", 0.0)

    async with new_client() as client:
        await client.get("/200")

    assert lines(caplog) == [("WARNING", 200)]


async def test_at_level_debug_every_request_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "request")

    async with new_client() as client:
        for _ in range(3):
            await client.get("/200")

    assert lines(caplog) == [("DEBUG", 200)] * 3
