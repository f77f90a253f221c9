"""The keys that sign our tokens: made once, kept encrypted, replaced whatever dies meanwhile."""

import asyncio
import contextlib
import math
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url, select, text

from auth import rotation
from auth.callers import Callers
from auth.keys import Keys, KeysUnreadable, KeyUnknown, TokenInvalid, Vault
from auth.news import taken_in
from auth.recognition import recognition
from auth.tokens import Tokens
from core import redis
from core.db import Database, Reader, counted, plain_url
from core.errors import Unavailable
from core.ids import new_id
from core.settings import Settings
from models.keys import KeyStatus, SigningKey
from services import accounts
from tests.auth.forging import parts, resigned
from tests.running import ROOT

USER, SESSION = new_id(), new_id()
AT_ONCE = timedelta(0)


class Shop:
    """A database of its own, with as many processes as a test wants."""

    def __init__(self, settings: Settings, db: Database, reader: Reader) -> None:
        self.settings, self.db, self.reader = settings, db, reader

    async def process(self, **changes: Any) -> Keys:
        """The keys of a process that has started."""
        keys = Keys(self.settings.model_copy(update=changes), self.reader)
        await keys.refresh()
        return keys

    async def rows(self) -> list[Any]:
        async with self.db.transaction() as session:
            found = await session.execute(select(SigningKey.__table__).order_by(SigningKey.id))
            return list(found)

    async def statuses(self) -> list[str]:
        return [row.status for row in await self.rows()]


@pytest.fixture
async def shop(
    settings: Settings, fresh_database: Callable[[], Awaitable[str]]
) -> AsyncIterator[Shop]:
    url = await fresh_database()
    db, reader = Database(url, size=8), Reader(url, size=4)
    await reader.open()
    yield Shop(settings.model_copy(update={"database_url": url}), db, reader)
    reader.close()
    await db.close()


async def test_of_many_first_starts_one_makes_the_keys(shop: Shop) -> None:
    await asyncio.gather(*(rotation.make_first(shop.db, shop.settings) for _ in range(6)))
    before = await shop.rows()

    await rotation.make_first(shop.db, shop.settings)

    assert sorted(await shop.statuses()) == [KeyStatus.CURRENT, KeyStatus.NEXT]
    assert await shop.rows() == before


async def test_the_database_alone_signs_nothing(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    [first, second] = await shop.rows()
    stranger = Vault("another secret, just as long as ours")
    ours = Vault(shop.settings.token_secret.get_secret_value())

    for vault, row, sealed in (
        (stranger, first, first.private_key),
        (ours, first, second.private_key),  # moved to another key's row
        (ours, first, first.private_key[:-1] + bytes([first.private_key[-1] ^ 1])),
    ):
        with pytest.raises(KeysUnreadable):
            vault.opened(row.id, sealed)
    assert b"RSA" not in first.private_key
    assert ours.opened(first.id, first.private_key).is_private


async def test_another_secret_starts_nothing_and_changes_nothing(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    before = await shop.rows()
    wrong = Settings(_env_file=None, token_secret="another secret, just as long as ours")

    with pytest.raises(KeysUnreadable):
        await Keys(wrong, shop.reader).refresh()
    with pytest.raises(KeysUnreadable):
        await rotation.rotate(shop.db, wrong, settled=AT_ONCE)

    assert await shop.rows() == before


async def test_before_the_keys_are_read_nobody_is_recognised_or_refused(shop: Shop) -> None:
    keys = Keys(shop.settings, shop.reader)

    with pytest.raises(Unavailable):
        keys.sign({"sub": "somebody"}, "at+jwt")
    with pytest.raises(Unavailable):
        keys.opened("a.b.c")


async def test_with_another_secret_no_process_starts(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    wrong = shop.settings.model_copy(
        update={"token_secret": SecretStr("another secret, just as long as ours")}
    )
    voice = redis.connect(wrong.redis_url)

    with pytest.raises(KeysUnreadable, match="rotate_keys --replace"):
        async with recognition(wrong, shop.db, shop.reader, voice):
            pass

    await voice.aclose()


async def test_a_process_that_starts_before_its_database_recognises_people_once_it_is_there(
    shop: Shop,
) -> None:
    """The database is behind a door that opens later."""
    await rotation.make_first(shop.db, shop.settings)
    token, _ = Tokens(shop.settings, await shop.process()).guest(USER)
    real = make_url(shop.settings.database_url)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = real.set(port=port).render_as_string(hide_password=False)
    db, reader = Database(url, size=2), Reader(url, size=2)
    await reader.open()
    voice = redis.connect(shop.settings.redis_url)

    async with recognition(shop.settings, db, reader, voice) as who:
        with pytest.raises(Unavailable):
            who.tokens.read(token)
        async with a_door(port, to=real.port or 0):
            async with asyncio.timeout(20):
                while not who.keys.are_read:  # noqa: ASYNC110 - nobody tells when
                    await asyncio.sleep(0.05)
            assert who.tokens.read(token).subject == USER
            reader.close()
            await db.close()
    await voice.aclose()


@contextlib.asynccontextmanager
async def a_door(port: int, *, to: int) -> AsyncIterator[None]:
    """Whoever comes to one port of this machine speaks with another."""

    async def copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def led(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(copied(reader, outside), copied(inside, writer))

    server = await asyncio.start_server(led, "127.0.0.1", port)
    yield
    server.close()


async def test_the_public_parts_of_all_live_keys_are_shown_and_nothing_else(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    await rotation.rotate(shop.db, shop.settings, settled=AT_ONCE)
    keys = await shop.process()

    shown = keys.jwks()["keys"]

    assert [key["kid"] for key in shown] == [row.id.hex for row in await shop.rows()]
    for key in shown:
        assert key.keys() == {"kty", "n", "e", "kid", "use", "alg"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


async def test_a_key_is_shown_before_it_signs_and_checks_after_it_signed(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    before = await shop.process()
    old, _ = Tokens(shop.settings, before).access(USER, SESSION)

    current = await rotation.rotate(shop.db, shop.settings, settled=AT_ONCE)
    after = await shop.process()
    new, _ = Tokens(shop.settings, after).access(USER, SESSION)

    assert parts(new)[0]["kid"] == current.hex != parts(old)[0]["kid"]
    for process in (before, after):
        for token in (old, new):
            assert Tokens(shop.settings, process).read(token).subject == USER


async def test_a_key_made_a_moment_ago_is_looked_for_but_not_for_every_stranger(
    shop: Shop,
) -> None:
    await rotation.make_first(shop.db, shop.settings)
    behind = await shop.process()
    for _ in range(2):
        await rotation.rotate(shop.db, shop.settings, settled=AT_ONCE)
    async with shop.db.transaction() as session:
        guest_id = await accounts.new_guest(session)
    token, _ = Tokens(shop.settings, await shop.process()).guest(guest_id)
    callers = Callers(Tokens(shop.settings, behind), shop.reader)
    header, claims, _ = parts(token)
    behind._read_at = -math.inf  # a long time ago

    with counted() as statements:
        found = await callers.of(token)
        for number in range(20):
            strangers = resigned(behind, header | {"kid": f"{number:032x}"}, claims)
            with pytest.raises(TokenInvalid):
                await callers.of(strangers)

    assert found.subject == guest_id
    assert sum("signing_keys" in sql for sql in statements) == 1


async def test_a_retired_key_checks_until_its_last_token_has_ended(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    old, _ = Tokens(shop.settings, await shop.process()).guest(USER)
    await rotation.rotate(shop.db, shop.settings, settled=AT_ONCE)
    [retired] = [row for row in await shop.rows() if row.status == KeyStatus.RETIRED]
    lasting = retired.ends_at - retired.created_at
    async with shop.db.transaction() as session:
        await session.execute(text("UPDATE signing_keys SET ends_at = now() WHERE ends_at > now()"))
    keys = await shop.process()

    with pytest.raises(KeyUnknown):
        keys.opened(old)

    assert lasting > shop.settings.guest_token_lifetime
    await rotation.rotate(shop.db, shop.settings, settled=AT_ONCE)
    assert retired.id not in [row.id for row in await shop.rows()]


async def test_a_next_key_that_may_not_be_known_everywhere_does_not_sign_yet(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    before = await shop.rows()

    with pytest.raises(rotation.NotSettled) as refused:
        await rotation.rotate(shop.db, shop.settings)

    assert timedelta(0) < refused.value.again_in <= rotation.SETTLED
    assert await shop.rows() == before


async def test_of_many_rotations_at_once_all_but_one_find_a_key_that_is_too_young(
    shop: Shop,
) -> None:
    await rotation.make_first(shop.db, shop.settings)
    await make_old(shop)

    outcomes = await asyncio.gather(
        *(rotation.rotate(shop.db, shop.settings) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(each, rotation.NotSettled) for each in outcomes) == 3
    assert sorted(await shop.statuses()) == ["CURRENT", "NEXT", "RETIRED"]


async def test_replacing_all_keys_ends_every_token(shop: Shop) -> None:
    await rotation.make_first(shop.db, shop.settings)
    old, _ = Tokens(shop.settings, await shop.process()).access(USER, SESSION)

    await rotation.replace_all(shop.db, shop.settings)

    keys = await shop.process()
    with pytest.raises(TokenInvalid):
        keys.opened(old)
    assert sorted(await shop.statuses()) == ["CURRENT", "NEXT"]


@pytest.mark.parametrize("way", ["news", "look"])
async def test_what_replaced_keys_signed_is_not_remembered(shop: Shop, way: str) -> None:
    """However a process learns of it: by news, or because somebody shows an unknown key."""
    async with shop.db.transaction() as session:
        guest_id = await accounts.new_guest(session)
    cache = redis.connect(shop.settings.redis_url)
    async with recognition(shop.settings, shop.db, shop.reader, cache) as known:
        old, _ = known.tokens.guest(guest_id)
        await known.callers.of(old)
        await known.callers.of(old)

        await rotation.replace_all(shop.db, shop.settings)
        await (taken_in(known.keys) if way == "news" else known.keys.refresh())

        with pytest.raises(TokenInvalid):
            await known.callers.of(old)
    await cache.aclose()


@pytest.mark.parametrize("held", [KeyStatus.CURRENT, KeyStatus.NEXT, None])
async def test_a_rotation_that_is_killed_leaves_one_current_key_and_the_next_one_works(
    shop: Shop, held: KeyStatus | None
) -> None:
    """Killed while it waits for a row that we hold: before, and after its first change."""
    await rotation.make_first(shop.db, shop.settings)
    await make_old(shop)
    before = await shop.rows()
    holder = await asyncpg.connect(plain_url(shop.settings.database_url))
    holding = holder.transaction()
    await holding.start()
    if held:
        await holder.execute("SELECT 1 FROM signing_keys WHERE status = $1 FOR UPDATE", held.value)
    else:
        await holder.execute(f"SELECT pg_advisory_xact_lock({rotation.ADVISORY_LOCK})")

    tool = started(shop)
    try:
        await somebody_waits(shop)
    finally:
        tool.kill()
        tool.wait()
    await holding.rollback()
    await holder.close()

    assert await shop.rows() == before
    assert started(shop).wait(30) == 0
    assert sorted(await shop.statuses()) == ["CURRENT", "NEXT", "RETIRED"]


async def make_old(shop: Shop) -> None:
    """As if everybody knew the next key for a long time."""
    async with shop.db.transaction() as session:
        await session.execute(
            text("UPDATE signing_keys SET created_at = created_at - interval '1 hour'")
        )


def started(shop: Shop) -> subprocess.Popen[bytes]:
    """`python -m tools.rotate_keys`."""
    env = {
        "DATABASE_URL": shop.settings.database_url,
        "REDIS_URL": shop.settings.redis_url,
        "TOKEN_SECRET": shop.settings.token_secret.get_secret_value(),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tools.rotate_keys"],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
    )


async def somebody_waits(shop: Shop) -> None:
    """Until the tool stands in the middle of its transaction."""
    watcher = await asyncpg.connect(plain_url(shop.settings.database_url))
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(30):
        while not await watcher.fetchval(waiting):  # noqa: ASYNC110 - it has no event for it
            await asyncio.sleep(0.01)
    await watcher.close()
