"""Entries are written with what they tell, and never changed."""

import asyncio
from uuid import UUID

import asyncpg
import orjson
import pytest

from core.db import Database, counted, plain_url
from core.identity import Caller, CallerKind, Client, acting, client
from core.ids import new_id
from core.logging import request_id
from services import audit


@pytest.fixture
async def admin(database_url: str, clean: None):
    connection = await asyncpg.connect(plain_url(database_url))
    yield connection
    await connection.close()


async def test_an_entry_tells_who_did_what_to_what(db: Database, admin: asyncpg.Connection) -> None:
    someone, token, thing, merchant = (new_id() for _ in range(4))
    acting.set(Caller(CallerKind.USER, someone, token_id=token))
    client.set(Client("203.0.113.7", "Browser"))
    request_id.set("request-1")

    async with db.transaction() as session:
        await audit.record(
            session,
            audit.entry(
                "PRICE_CHANGED",
                "ProductVariant",
                thing,
                merchant_id=merchant,
                before={"amount": 1},
                after={"amount": 2},
            ),
        )

    row = await admin.fetchrow("SELECT * FROM audit_entries")
    assert (row["actor_kind"], row["actor_id"], row["token_id"]) == ("USER", someone, token)
    assert (row["action"], row["object_kind"], row["object_id"]) == (
        "PRICE_CHANGED",
        "ProductVariant",
        thing,
    )
    assert (row["merchant_id"], row["request_id"]) == (merchant, "request-1")
    assert (orjson.loads(row["before"]), orjson.loads(row["after"])) == (
        {"amount": 1},
        {"amount": 2},
    )
    details = await admin.fetchrow("SELECT * FROM audit_details")
    assert details["id"] == row["details_id"]
    assert orjson.loads(details["content"]) == {"address": "203.0.113.7", "agent": "Browser"}


async def test_what_nobody_asked_for_was_done_by_the_system(
    db: Database, admin: asyncpg.Connection
) -> None:
    await asyncio.create_task(_noted_by_nobody(db))

    assert await admin.fetchval("SELECT actor_kind FROM audit_entries") == "SYSTEM"


async def _noted_by_nobody(db: Database) -> None:
    await audit.note(db, audit.entry("CHECKOUT_EXPIRED", "Checkout", new_id()))


async def test_an_entry_goes_with_its_transaction(db: Database, admin: asyncpg.Connection) -> None:
    async def failing() -> None:
        async with db.transaction() as session:
            await audit.record(session, audit.entry("X", "Y", None))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()

    assert await admin.fetchval("SELECT count(*) FROM audit_entries") == 0
    assert await admin.fetchval("SELECT count(*) FROM audit_seals") == 0


async def test_many_entries_are_one_statement(db: Database, admin: asyncpg.Connection) -> None:
    client.set(Client("203.0.113.7"))
    things = [new_id() for _ in range(50)]

    async with db.transaction() as session:
        with counted() as seen:
            await audit.record(
                session, *(audit.entry("STOCK_ADJUSTED", "Variant", thing) for thing in things)
            )

    assert len(seen) == 1
    assert await admin.fetchval("SELECT count(*) FROM audit_entries") == 50
    assert await admin.fetchval("SELECT count(*) FROM audit_details") == 1


async def test_secrets_are_cut_out(db: Database, admin: asyncpg.Connection) -> None:
    after = {"password": "hunter2", "list": [{"apiKey": "abc"}], "note": "sk_live_abcdefgh1234"}

    await audit.note(db, audit.entry("SETTINGS_CHANGED", "Shop", None, after=after))

    kept = orjson.loads(await admin.fetchval("SELECT after FROM audit_entries"))
    assert kept == {"password": "<secret>", "list": [{"apiKey": "<secret>"}], "note": "<key>"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'OTHER'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "DELETE FROM audit_seals",
        "UPDATE audit_details SET content = ''",
    ],
)
async def test_the_database_refuses_changes(
    db: Database, admin: asyncpg.Connection, statement: str
) -> None:
    client.set(Client("203.0.113.7"))
    await audit.note(db, audit.entry("X", "Y", new_id()))
    before = await _everything(admin)

    with pytest.raises(asyncpg.RestrictViolationError):
        await admin.execute(statement)

    assert await _everything(admin) == before


async def test_details_can_be_erased(db: Database, admin: asyncpg.Connection) -> None:
    client.set(Client("203.0.113.7"))
    await audit.note(db, audit.entry("X", "Y", new_id()))

    await admin.execute("DELETE FROM audit_details")

    assert await admin.fetchval("SELECT details_hash IS NOT NULL FROM audit_entries")


async def test_writers_do_not_wait_for_one_another(db: Database, admin: asyncpg.Connection) -> None:
    thing = new_id()
    written, done = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.transaction() as session:
            await audit.record(session, audit.entry("SLOW", "Thing", thing))
            written.set()
            await done.wait()

    async def quick(_: int) -> None:
        async with db.transaction() as session:
            await audit.record(session, audit.entry("QUICK", "Thing", thing))

    waiting = asyncio.create_task(slow())
    await written.wait()
    async with asyncio.timeout(3):
        await asyncio.gather(*(quick(n) for n in range(20)))
    actions = await admin.fetch("SELECT DISTINCT action FROM audit_entries")
    done.set()
    await waiting

    assert [row["action"] for row in actions] == ["QUICK"]
    assert await admin.fetchval("SELECT count(*) FROM audit_entries") == 21


async def _everything(admin: asyncpg.Connection) -> list[tuple[UUID, ...]]:
    tables = ("audit_entries", "audit_seals", "audit_details")
    return [tuple(row) for table in tables for row in await admin.fetch(f"SELECT * FROM {table}")]
