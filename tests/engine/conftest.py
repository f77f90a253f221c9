"""The example on both executors, over a database of its own."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy import make_url
from strawberry.types import ExecutionResult

from deploy.embedded.postgres import run_sql
from engine.document import Limits
from engine.executor import Schema
from tests.engine.example import STAFF, new_schema
from tests.engine.tables import SETUP, Context, Fetch, prepare


@dataclass
class Shop:
    """The example on one executor; counts its statements."""

    schema: Schema
    fetch: Fetch
    statements: list[str] = field(default_factory=list)

    @property
    def engine(self) -> Any:
        return self.schema.engine

    def context(
        self, grants: Any = STAFF, language: str = "zh-Hans", *, is_signed_in: bool = True
    ) -> Context:
        async def counted(sql: str, *arguments: object) -> Any:
            self.statements.append(sql)
            return await self.fetch(sql, *arguments)

        return Context(counted, grants, language, is_signed_in=is_signed_in)

    async def execute(self, query: str, variables: Any = None, **context: Any) -> ExecutionResult:
        self.statements.clear()
        return await self.schema.execute(query, variables, self.context(**context))

    async def afresh(self, query: str, variables: Any = None) -> ExecutionResult:
        """With an empty cart: what mutations answer must not depend on earlier ones."""
        await self.fetch("truncate cart_line restart identity")
        return await self.execute(query, variables)


@pytest.fixture(scope="session")
def example_url(server_addresses: dict[str, str]) -> Iterator[str]:
    """A database of the example's own; each folder of tests that asks for it has another one."""
    admin = server_addresses["postgres"]
    name = f"marketfront_{server_addresses['run']}_{uuid.uuid4().hex[:12]}"
    run_sql(admin, f'CREATE DATABASE "{name}"')
    yield make_url(admin).set(database=name).render_as_string(hide_password=False)
    run_sql(admin, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
async def pool(example_url: str) -> AsyncIterator[asyncpg.Pool]:
    url = make_url(example_url).set(drivername="postgresql")
    address = url.render_as_string(hide_password=False)
    async with asyncpg.create_pool(address, min_size=0, max_size=4, init=prepare) as pool:
        await pool.execute(SETUP)
        yield pool


@pytest.fixture
async def fetch(pool: asyncpg.Pool) -> Fetch:
    await pool.execute("truncate cart_line restart identity")
    return pool.fetch


@pytest.fixture
def shop(fetch: Fetch) -> Shop:
    return Shop(new_schema(), fetch)


@pytest.fixture
def reference(fetch: Fetch) -> Shop:
    return Shop(new_schema(is_reference=True), fetch)


@pytest.fixture
def limited(fetch: Fetch) -> Callable[[Limits], Shop]:
    return lambda limits: Shop(new_schema(limits=limits), fetch)
