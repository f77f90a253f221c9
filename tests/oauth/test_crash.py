"""`kill -9` while tokens are made: a family is there as a whole, or not at all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import asyncpg
import httpx
import pytest
from sqlalchemy import func, select

from core.db import Database, plain_url
from models.accounts import RefreshToken, Session
from models.oauth import AuthorizationCode, OAuthClient
from tests.oauth.browsing import Browser
from tests.oauth.flows import change, client_and_shopper, code_of, me
from tests.oauth.server_process import Server

STOP = """
CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
CREATE TRIGGER stop_here AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION stop_here();
"""
GO_ON = "DROP FUNCTION stop_here() CASCADE"
SLEEPING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = $1"


class Crash:
    """A server on a database of its own, that is killed in the middle of a statement."""

    def __init__(self, server: Server, db: Database, admin: asyncpg.Connection) -> None:
        self.server, self.db, self.admin = server, db, admin

    async def during(self, event: str, table: str, asked: Awaitable[httpx.Response]) -> None:
        """Kill the server when a request that is asked has done this to the table."""
        await self.admin.execute(STOP.format(event=event, table=table))
        asking = asyncio.ensure_future(asked)
        name = await self.admin.fetchval("SELECT current_database()")
        while not (pids := await self.admin.fetch(SLEEPING, name)):
            assert not asking.done(), "it went on without touching the table"
            await asyncio.sleep(0.02)
        self.server.kill()
        with suppress(httpx.TransportError):
            await asking
        for row in pids:
            await self.admin.execute("SELECT pg_terminate_backend($1, 5000)", row["pid"])
        await self.admin.execute(GO_ON)
        await self.server.start()

    async def counts(self, client: OAuthClient) -> tuple[int, int, int]:
        """Used codes, sign-ins of the client, refresh tokens of those that are good."""
        async with self.db.transaction() as session:
            codes = select(func.count()).where(AuthorizationCode.used_at.is_not(None))
            sign_ins = select(func.count()).where(Session.client_id == client.id)
            good = (
                select(func.count())
                .select_from(RefreshToken)
                .join(Session, Session.id == RefreshToken.session_id)
                .where(Session.client_id == client.id, RefreshToken.used_at.is_(None))
            )
            found = [await session.scalar(each) or 0 for each in (codes, sign_ins, good)]
        return found[0], found[1], found[2]


@pytest.fixture
async def crash(
    fresh_database: Callable[[], Awaitable[str]], redis_url: str, tmp_path: Path
) -> AsyncIterator[Crash]:
    url = await fresh_database()
    server = Server(database_url=url, redis_url=redis_url, data_dir=tmp_path)
    await server.start()
    db = Database(url, size=2)
    admin = await asyncpg.connect(plain_url(url))
    yield Crash(server, db, admin)
    server.kill()
    await admin.close()
    await db.close()


@pytest.mark.parametrize(
    ("event", "table"),
    [
        ("UPDATE", "authorization_codes"),
        ("INSERT", "sessions"),
        ("INSERT", "refresh_tokens"),
        ("INSERT", "audit_entries"),
    ],
)
async def test_a_code_that_was_being_changed_is_as_good_as_before(
    event: str, table: str, crash: Crash
) -> None:
    client, user = await client_and_shopper(crash.db)
    async with httpx.AsyncClient(base_url=crash.server.url, timeout=30) as http:
        code = await code_of(Browser(http, crash.server.url), client, user)

        await crash.during(event, table, change(http, client, code))

        assert await crash.counts(client) == (0, 0, 0)
        tokens = (await change(http, client, code)).json()
        assert await crash.counts(client) == (1, 1, 1)
        assert await me(http, tokens["access_token"]) == 200


@pytest.mark.parametrize("event", ["UPDATE", "INSERT"])
async def test_a_refresh_token_that_was_being_used_is_as_good_as_before(
    event: str, crash: Crash
) -> None:
    client, user = await client_and_shopper(crash.db)
    async with httpx.AsyncClient(base_url=crash.server.url, timeout=30) as http:
        code = await code_of(Browser(http, crash.server.url), client, user)
        tokens = (await change(http, client, code)).json()
        wanted = {
            "grant_type": "refresh_token",
            "client_id": client.id.hex,
            "refresh_token": tokens["refresh_token"],
        }

        await crash.during(event, "refresh_tokens", http.post("/oauth/token", data=wanted))

        assert await crash.counts(client) == (1, 1, 1)
        assert (await http.post("/oauth/token", data=wanted)).status_code == 200
        assert await crash.counts(client) == (1, 1, 1)
