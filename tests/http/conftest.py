"""The example behind the view: called in this process, and by a real server on a free port."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import GraphQLError
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from schema.endpoint import ShopGraphQL
from tests.engine.conftest import example_url, fetch, pool  # noqa: F401 - fixtures
from tests.engine.example import GUEST, Fault, new_schema
from tests.engine.tables import Context, Fetch
from tests.listening import listening

PAGE = "<!doctype html><title>GraphiQL</title>"


class Callers:
    """Makes contexts: staff with the token `staff`, else anonymous; remembers them."""

    def __init__(self, fetch: Fetch) -> None:  # noqa: F811 - the fixture's value
        self.fetch = fetch
        self.made: list[Context] = []
        self.over = asyncio.Event()

    async def ended(self, connection: HTTPConnection) -> None:
        """The tokens of all end at once."""
        await self.over.wait()

    async def __call__(self, connection: HTTPConnection) -> Context:
        parameters: dict[str, Any] = connection.scope.get("connection_params", {})
        token = connection.headers.get("authorization") or parameters.get("authorization")
        if token == "Bearer revoked":
            raise GraphQLError("Sign in again.", extensions={"code": "UNAUTHENTICATED"})
        if token == "Bearer broken":
            raise LookupError("secret detail")
        if token == "Bearer down":
            raise Fault("secret detail")
        is_signed_in = token == "Bearer staff"
        self.made.append(Context(self.fetch, GUEST, "en", is_signed_in=is_signed_in))
        return self.made[-1]


@pytest.fixture
def callers(fetch: Fetch) -> Callers:  # noqa: F811 - a fixture
    return Callers(fetch)


@pytest.fixture
def example_app(callers: Callers, tmp_path: Path) -> Starlette:
    page = tmp_path / "index.html"
    page.write_text(PAGE)
    view = ShopGraphQL(new_schema(), callers, ended=callers.ended, graphiql=page)
    closed = ShopGraphQL(new_schema(), callers)
    routes = [Route("/graphql", view), Route("/closed", closed), WebSocketRoute("/graphql", view)]
    return Starlette(routes=routes)


@pytest.fixture
async def client(example_app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(example_app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


@pytest.fixture
async def address(example_app: Starlette) -> AsyncIterator[str]:
    """Of a real server: `127.0.0.1:port`."""
    async with listening(example_app) as address:
        yield address
