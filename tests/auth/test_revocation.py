"""What ends a token ends it in every process within a second, whatever becomes of Valkey.

Real processes on one database and a Valkey of their own, which is suspended and killed here.
"""

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import update

from auth import rotation
from auth.keys import Keys
from auth.news import BEAT_SECONDS, SILENCE_SECONDS, announce
from auth.oauth.clients import CREDENTIALS
from auth.tokens import Tokens
from core import redis
from core.clock import now
from core.db import Database, Reader
from core.settings import Settings
from deploy.embedded.valkey import EmbeddedValkey
from models.accounts import Session
from models.oauth import OAuthClient
from tests.auth.processes import Web, web_processes
from tests.factories.accounts import make_user
from tests.factories.oauth import SECRET, make_client

LATEST = 1.0
REVOKE = "mutation { tokenRevoke(input: {all: true}) { userErrors { code } } }"


@dataclass
class Shop:
    """Two web processes and what they stand on."""

    one: Web
    other: Web
    db: Database
    valkey: EmbeddedValkey
    settings: Settings
    tokens: Tokens

    async def sign_in(self) -> tuple[UUID, UUID, str]:
        """A user, their sign-in, and a token that both processes have seen."""
        async with self.db.transaction() as session:
            user = await make_user(session)
            opened = Session(user_id=user.id)
            session.add(opened)
            await session.flush()
        token, _ = self.tokens.access(user.id, opened.id)
        assert [await web.status(token) for web in (self.one, self.other)] == [200, 200]
        return user.id, opened.id, token

    async def program(self) -> tuple[OAuthClient, str]:
        """A program, and a token of its own that both processes have seen."""
        async with self.db.transaction() as session:
            client = await make_client(
                session,
                secret=SECRET,
                grant_types=[CREDENTIALS],
                permissions=["MANAGE_ORDERS"],
            )
        given = await self.one.http.post(
            "/oauth/token", data={"grant_type": CREDENTIALS}, auth=(client.id.hex, SECRET)
        )
        token = str(given.json()["access_token"])
        assert [await web.status(token) for web in (self.one, self.other)] == [200, 200]
        return client, token

    async def end_silently(self, session_id: UUID) -> None:
        """In the database alone: nobody is told."""
        async with self.db.transaction() as session:
            await session.execute(
                update(Session).where(Session.id == session_id).values(revoked_at=now())
            )

    @property
    def valkey_process(self) -> subprocess.Popen[bytes]:
        assert self.valkey._server
        return self.valkey._server

    def kill_valkey(self) -> None:
        self.valkey_process.kill()
        self.valkey_process.wait()


@pytest.fixture(scope="module")
async def shop(
    settings: Settings, database_of_module: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Shop]:
    valkey = EmbeddedValkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    own = settings.model_copy(
        update={"database_url": database_of_module, "redis_url": valkey.url()}
    )
    environment = {
        "DATABASE_URL": own.database_url,
        "REDIS_URL": own.redis_url,
        "TOKEN_SECRET": own.token_secret.get_secret_value(),
        "DATA_DIR": str(own.data_dir),
        "LOG_LEVEL": "ERROR",
    }
    db, reader = Database(own.database_url, size=4), Reader(own.database_url, size=2)
    await reader.open()
    await rotation.make_first(db, own)
    keys = Keys(own, reader)
    await keys.refresh()
    async with web_processes(environment, 2) as [one, other]:
        yield Shop(one, other, db, valkey, own, Tokens(own, keys))
    reader.close()
    await db.close()
    valkey.stop()


async def seconds_until_refused(web: Web, token: str) -> float:
    began = time.monotonic()
    async with asyncio.timeout(15):
        while await web.status(token) != 401:  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0.02)
    return time.monotonic() - began


async def revoke(web: Web, client: OAuthClient, token: str) -> tuple[int, bool]:
    """The status, and whether the process says then that the token is active."""
    form, who = {"token": token}, (client.id.hex, SECRET)
    answer = await web.http.post("/oauth/revoke", data=form, auth=who)
    told = await web.http.post("/oauth/introspect", data=form, auth=who)
    return answer.status_code, told.json()["active"]


async def until_remembered(shop: Shop) -> None:
    """Until both processes hear news: what ends silently is not seen any more."""
    async with asyncio.timeout(20):
        while True:
            _, session_id, token = await shop.sign_in()
            await shop.end_silently(session_id)
            if [await web.status(token) for web in (shop.one, shop.other)] == [200, 200]:
                return
            await asyncio.sleep(BEAT_SECONDS)


async def test_what_one_process_ends_the_other_refuses_within_a_second(shop: Shop) -> None:
    await until_remembered(shop)
    _, _, token = await shop.sign_in()

    ended = await shop.one.status(token, REVOKE)
    seconds = await seconds_until_refused(shop.other, token)

    assert ended == 200
    assert seconds < LATEST
    assert await shop.one.status(token) == 401


async def test_a_token_seen_before_is_answered_from_memory_until_somebody_tells(
    shop: Shop,
) -> None:
    await until_remembered(shop)
    user_id, session_id, token = await shop.sign_in()
    await shop.end_silently(session_id)
    async with asyncio.timeout(1):
        from_memory = [await shop.other.status(token) for _ in range(10)]

    voice = redis.connect(shop.settings.redis_url)
    await announce(voice, user_id)
    await voice.aclose()
    seconds = await seconds_until_refused(shop.other, token)

    assert from_memory == [200] * 10
    assert seconds < LATEST


async def test_a_token_that_a_program_ends_is_refused_elsewhere_within_a_second(
    shop: Shop,
) -> None:
    await until_remembered(shop)
    client, token = await shop.program()

    ended = await revoke(shop.one, client, token)
    seconds = await seconds_until_refused(shop.other, token)

    assert ended == (200, False)
    assert seconds < LATEST
    assert await shop.one.status(token) == 401


async def test_a_token_that_a_program_ends_while_valkey_is_suspended_has_ended(
    shop: Shop,
) -> None:
    await until_remembered(shop)
    client, token = await shop.program()
    shop.valkey_process.send_signal(signal.SIGSTOP)
    try:
        ended = await revoke(shop.one, client, token)
        seconds = await seconds_until_refused(shop.other, token)
        refused = await shop.one.status(token)
    finally:
        shop.valkey_process.send_signal(signal.SIGCONT)

    assert (ended, refused) == ((200, False), 401)
    assert seconds < LATEST
    await until_remembered(shop)


async def test_while_valkey_is_suspended_the_database_is_asked_each_time(shop: Shop) -> None:
    await until_remembered(shop)
    _, session_id, token = await shop.sign_in()
    shop.valkey_process.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(SILENCE_SECONDS + BEAT_SECONDS)
        let_in = [await web.status(token) for web in (shop.one, shop.other)]
        await shop.end_silently(session_id)
        refused = [await web.status(token) for web in (shop.one, shop.other)]
    finally:
        shop.valkey_process.send_signal(signal.SIGCONT)

    assert (let_in, refused) == ([200, 200], [401, 401])


async def test_what_ends_in_the_moment_valkey_stops_is_refused_within_a_second(
    shop: Shop,
) -> None:
    await until_remembered(shop)
    _, session_id, token = await shop.sign_in()
    shop.valkey_process.send_signal(signal.SIGSTOP)
    try:
        await shop.end_silently(session_id)
        seconds = await seconds_until_refused(shop.other, token)
    finally:
        shop.valkey_process.send_signal(signal.SIGCONT)

    assert seconds < LATEST


async def test_what_was_told_while_one_could_not_hear_is_not_remembered_afterwards(
    shop: Shop,
) -> None:
    await until_remembered(shop)
    _, session_id, token = await shop.sign_in()

    shop.kill_valkey()
    await shop.end_silently(session_id)
    shop.valkey.start()
    seconds = await seconds_until_refused(shop.other, token)

    assert seconds < LATEST
    await until_remembered(shop)


async def test_requests_go_on_while_valkey_is_gone(shop: Shop) -> None:
    _, _, token = await shop.sign_in()
    shop.kill_valkey()

    answers = await asyncio.gather(*(shop.one.status(token) for _ in range(20)))
    shop.valkey.start()

    assert answers == [200] * 20
    await until_remembered(shop)
