"""A shop filled by the seeding tool, in a database of these tests' own."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url
from starlette.applications import Starlette

from app import new_app
from bench.requests import Request, Shopping, Workload
from core.settings import Settings
from deploy.embedded.postgres import run_sql
from tools import reindex
from tools.seed.loading import SMALLEST, seed


@dataclass
class Seeded:
    """The application over the smallest synthetic shop, and what the benchmark sends to it."""

    app: Starlette
    client: httpx.AsyncClient
    settings: Settings
    workloads: Mapping[str, Workload]

    async def send(self, request: Request) -> dict[str, Any]:
        """The data; fails when there are errors."""
        response = await self.client.post("/graphql", content=request.body, headers=request.headers)
        answer: dict[str, Any] = response.json()
        assert "errors" not in answer, answer["errors"]
        return answer


@pytest.fixture(scope="session")
async def seeded_settings(
    settings: Settings, postgres_server: str, template_database: str, worker_id: str
) -> AsyncIterator[Settings]:
    name = f"{template_database}_seeded_{worker_id}"
    run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    await seed(url, products=SMALLEST, currency=settings.shop_currency)
    own = settings.model_copy(
        update={"database_url": url, "access_token_lifetime": timedelta(days=1)}
    )
    assert await reindex.run(own, is_rolled_back=False) == 0
    yield own
    run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def seeded(seeded_settings: Settings) -> AsyncIterator[Seeded]:
    application = new_app(seeded_settings)
    workloads = await Shopping(seeded_settings.database_url, seeded_settings).workloads()
    transport = httpx.ASGITransport(app=application)
    async with (
        application.router.lifespan_context(application),
        httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client,
    ):
        yield Seeded(application, client, seeded_settings, workloads)
