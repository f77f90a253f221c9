"""What was committed is sealed within a second, in an order that shows tampering."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from core.db import Database, Reader, plain_url
from core.identity import Caller, CallerKind, Client, client
from core.ids import new_id
from models.accounts import Guest
from services import audit
from services.audit.sealing import seal
from tests.conftest import SECRET
from tests.factories.accounts import make_user


@pytest.fixture
async def admin(database_url: str, clean: None) -> AsyncIterator[asyncpg.Connection]:
    """A superuser whom no trigger stops."""
    connection = await asyncpg.connect(plain_url(database_url))
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.fixture
def keys() -> audit.KeyRing:
    return audit.KeyRing(SECRET)


async def noted(db: Database, *actions: str) -> None:
    for action in actions:
        await audit.note(db, audit.entry(action, "Thing", new_id(), before={"n": 1, "x": 2.5}))


async def seal_all(db: Database, reader: Reader, keys: audit.KeyRing, *, size: int = 1_000) -> int:
    done = 0
    while found := await seal(db, reader, keys, size=size):
        done += found
    return done


@pytest.fixture
async def sealed(db: Database, reader: Reader, keys: audit.KeyRing) -> list[UUID]:
    """Six entries in three batches, by position."""
    client.set(Client("203.0.113.1", "Browser"))
    await noted(db, "A", "B", "C", "D", "E", "F")
    await seal_all(db, reader, keys, size=2)
    async with db.transaction() as session:
        rows = await (await session.connection()).exec_driver_sql(
            "SELECT entry_id FROM audit_seals ORDER BY position"
        )
        return [UUID(bytes=entry_id.bytes) for (entry_id,) in rows]


async def test_what_was_sealed_verifies(db: Database, reader: Reader, sealed: list[UUID]) -> None:
    report = await audit.verify(reader)

    assert report.problem is None
    assert (report.entries, report.erased, report.head.position) == (6, 0, 6)


async def test_an_empty_log_is_well(reader: Reader) -> None:
    assert (await audit.verify(reader)).problem is None


async def test_a_slow_transaction_is_sealed_when_it_commits(
    db: Database, reader: Reader, keys: audit.KeyRing
) -> None:
    written, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with db.transaction() as session:
            await audit.record(session, audit.entry("SLOW", "Thing", None))
            written.set()
            await go_on.wait()

    waiting = asyncio.create_task(slow())
    await written.wait()
    await noted(db, "QUICK", "QUICK")
    first = await seal_all(db, reader, keys)
    go_on.set()
    await waiting
    second = await seal_all(db, reader, keys)

    assert (first, second) == (2, 1)
    report = await audit.verify(reader)
    assert (report.problem, report.entries) == (None, 3)


async def test_sealers_at_once_make_one_chain(db: Database, reader: Reader) -> None:
    rings = [audit.KeyRing(SECRET) for _ in range(3)]
    is_writing = True

    async def write() -> None:
        await asyncio.gather(*(noted(db, *"ABCDEFGHIJ") for _ in range(5)))

    async def keep_sealing(ring: audit.KeyRing) -> int:
        done = 0
        while is_writing or await _waiting(db):
            done += await seal(db, reader, ring, size=7)
        return done

    sealers = [asyncio.create_task(keep_sealing(ring)) for ring in rings]
    await write()
    is_writing = False
    done = await asyncio.gather(*sealers)

    report = await audit.verify(reader)
    assert (report.problem, report.entries, sum(done)) == (None, 50, 50)
    assert len(await audit.public_keys(reader)) == 1


async def _waiting(db: Database) -> bool:
    async with db.transaction() as session:
        found = await (await session.connection()).exec_driver_sql(
            "SELECT 1 FROM audit_seals WHERE position IS NULL LIMIT 1"
        )
        return found.first() is not None


TAMPERING = {
    "an action changed": "UPDATE audit_entries SET action = 'X' WHERE id = $1",
    "a value changed": "UPDATE audit_entries SET before = '{\"n\": 2}' WHERE id = $1",
    "a time changed": "UPDATE audit_entries SET at = at + interval '1 us' WHERE id = $1",
    "details left out": "UPDATE audit_entries SET details_id = NULL, details_hash = NULL WHERE id = $1",
    "details changed": """UPDATE audit_details SET content = '{"address":"10.0.0.1"}'
        WHERE id = (SELECT details_id FROM audit_entries WHERE id = $1)""",
    "an entry deleted": "DELETE FROM audit_entries WHERE id = $1",
    "a hash changed": "UPDATE audit_seals SET hash = decode('00', 'hex') WHERE entry_id = $1",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
async def test_tampering_is_found_at_its_entry(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID], statement: str
) -> None:
    await admin.execute(statement, sealed[2])

    report = await audit.verify(reader)

    assert report.problem is not None
    assert str(sealed[2]) in report.problem
    assert "position 3" in report.problem


async def test_a_deleted_entry_is_called_deleted(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    await admin.execute("DELETE FROM audit_entries WHERE id = $1", sealed[2])

    report = await audit.verify(reader)

    assert report.problem == f"Entry {sealed[2]} at position 3 was deleted."


async def test_links_without_a_signature_are_found(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    await admin.execute("DELETE FROM audit_batches WHERE last_position = 6")

    report = await audit.verify(reader)

    assert report.problem == "Positions 5 to 6 were never signed."


async def test_a_deleted_link_is_found(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    await admin.execute("DELETE FROM audit_seals WHERE entry_id = $1", sealed[2])
    await admin.execute("DELETE FROM audit_entries WHERE id = $1", sealed[2])

    report = await audit.verify(reader)

    assert report.problem == "Position 3 is missing: what was there, was deleted."


async def test_another_order_is_found(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    third, fourth = sealed[2:4]
    await admin.execute("UPDATE audit_seals SET position = 99 WHERE entry_id = $1", third)
    await admin.execute("UPDATE audit_seals SET position = 3 WHERE entry_id = $1", fourth)
    await admin.execute("UPDATE audit_seals SET position = 4 WHERE entry_id = $1", third)

    report = await audit.verify(reader)

    assert report.problem is not None
    assert f"{fourth} at position 3 was changed" in report.problem


async def test_an_entry_slipped_in_is_found(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.audit.verification.PATIENCE_SECONDS", 0.01)
    forged = new_id()
    await admin.execute(
        "INSERT INTO audit_entries (id, at, actor_kind, action, object_kind, request_id)"
        " VALUES ($1, now() - interval '1 day', 'SYSTEM', 'FORGED', 'Thing', '')",
        forged,
    )

    report = await audit.verify(reader)

    assert report.problem == f"Entry {forged} was never sealed."


async def test_a_chain_made_anew_without_the_secret_is_found(
    db: Database, reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    trusted = await audit.public_keys(reader)
    await admin.execute("UPDATE audit_entries SET action = 'X' WHERE id = $1", sealed[0])
    await admin.execute("UPDATE audit_seals SET position = NULL, hash = NULL")
    await admin.execute("DELETE FROM audit_batches")
    await seal_all(db, reader, audit.KeyRing("a secret that only the attacker knows"))

    report = await audit.verify(reader, trusted=trusted)

    assert report.problem is not None
    assert "signed by an unknown key" in report.problem


async def test_a_cut_off_end_is_found_by_its_batch_or_the_written_down_head(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    head = (await audit.verify(reader)).head
    await admin.execute("DELETE FROM audit_seals WHERE position > 4")
    await admin.execute("DELETE FROM audit_entries WHERE id = ANY($1)", sealed[4:])
    by_batch = await audit.verify(reader)
    await admin.execute("DELETE FROM audit_batches WHERE last_position > 4")
    unseen = await audit.verify(reader)
    by_head = await audit.verify(reader, expected=head)

    assert by_batch.problem == "Positions 5 to 6 are missing: they were deleted."
    assert unseen.problem is None
    assert by_head.problem == "Position 6 is missing: the end was cut off."


async def test_a_forged_signature_is_found(
    reader: Reader, admin: asyncpg.Connection, sealed: list[UUID]
) -> None:
    await admin.execute(
        "UPDATE audit_batches SET sealed_at = sealed_at - interval '1 day' WHERE last_position = 4"
    )

    report = await audit.verify(reader)

    assert report.problem is not None
    assert f"entry {sealed[3]} at position 4 is wrong" in report.problem


async def test_erasing_details_breaks_nothing(
    db: Database, reader: Reader, keys: audit.KeyRing, admin: asyncpg.Connection
) -> None:
    person = new_id()
    client.set(Client("203.0.113.1"))
    named = audit.entry("USER_INVITED", "User", person, person={"email": "ann@example.com"})
    await audit.note(db, named)
    await noted(db, "OTHER")
    await seal_all(db, reader, keys)
    client.set(Client())

    async with db.transaction() as session:
        erased = await audit.erase_person(session, person, email="ann@example.com")
    await seal_all(db, reader, keys)

    assert erased == 1
    kept = await admin.fetch("SELECT content FROM audit_details")
    assert len(kept) == 1
    assert "ann@" not in kept[0]["content"]
    report = await audit.verify(reader)
    assert (report.problem, report.entries, report.erased) == (None, 3, 1)


async def test_what_a_person_did_as_a_guest_is_erased_too(
    db: Database, admin: asyncpg.Connection
) -> None:
    async with db.transaction() as session:
        user = await make_user(session)
        guest = Guest(joined_user_id=user.id)
        session.add(guest)
        await session.flush()  # the entry names its id
    client.set(Client("203.0.113.1"))
    shopper = Caller(CallerKind.GUEST, guest.id)
    await audit.note(db, audit.entry("ORDER_PLACED", "Order", new_id(), actor=shopper))

    async with db.transaction() as session:
        erased = await audit.erase_person(session, user.id, email=user.email)

    assert erased == 1
    assert await admin.fetchval("SELECT count(*) FROM audit_details") == 0


async def test_details_are_erased_when_they_are_old(
    db: Database, reader: Reader, sealed: list[UUID], admin: asyncpg.Connection
) -> None:
    await admin.execute(
        "UPDATE audit_details SET id = $1 WHERE id ="
        " (SELECT details_id FROM audit_entries WHERE id = $2)",
        UUID(int=1 << 80),
        sealed[0],
    )
    client.set(Client())

    erased = [await audit.erase_old_details(db, lifetime=timedelta(days=365)) for _ in range(2)]

    assert erased == [1, 0]
    assert await admin.fetchval("SELECT count(*) FROM audit_details") == 5


async def test_a_new_secret_makes_a_new_key_and_old_signatures_stay_good(
    db: Database, reader: Reader, sealed: list[UUID]
) -> None:
    await noted(db, "G")

    await seal_all(db, reader, audit.KeyRing("another secret, given by the operator"))

    assert len(await audit.public_keys(reader)) == 2
    assert (await audit.verify(reader)).problem is None


async def test_each_new_end_of_the_chain_is_told_once_to_the_log(
    db: Database, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="audit")
    ring, witness = audit.KeyRing(SECRET), audit.Witness(reader)

    for _ in range(2):
        await audit.note(db, audit.entry("TOLD", "User", new_id()))
        await seal_all(db, reader, ring)
        await witness.tell()
        await witness.tell()

    told = [(record.getMessage(), record.position) for record in caplog.records]
    assert told == [("audit head", 1), ("audit head", 2)]
