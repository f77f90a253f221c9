"""Positions and cursors: what is committed late is seen late, but seen, and in its object's order."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from core.db import Database, Reader, counted
from core.ids import new_id
from models.merchants import Merchant
from models.outbox import OutboxCursor, OutboxEvent
from services import events
from tests.factories.merchants import make_merchant
from workers import outbox
from workers.consumers import Event, consume
from workers.news import News
from workers.outbox import sequence


class Diary:
    """A consumer that remembers."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def __call__(self, received: Sequence[Event]) -> None:
        self.events += received

    @property
    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]


async def happened(db: Database, *kinds: str) -> None:
    async with db.transaction() as session:
        await events.record(session, *(events.event(kind, new_id()) for kind in kinds))


class Slow:
    """A transaction that has recorded its event and commits when it is told to."""

    def __init__(self, db: Database, kind: str) -> None:
        self.recorded, self.may_commit = asyncio.Event(), asyncio.Event()
        self.task = asyncio.create_task(self._run(db, kind))

    async def _run(self, db: Database, kind: str) -> None:
        async with db.transaction() as session:
            await events.record(session, events.event(kind, new_id()))
            self.recorded.set()
            await self.may_commit.wait()


async def test_a_slow_transaction_loses_nothing(db: Database, reader: Reader) -> None:
    diary = Diary()
    slow = Slow(db, "SlowThing")
    await slow.recorded.wait()
    await happened(db, "QuickThing")
    await sequence(db, reader)
    await consume(db, reader, name="diary", handler=diary)

    slow.may_commit.set()
    await slow.task
    await sequence(db, reader)
    await consume(db, reader, name="diary", handler=diary)

    async with db.transaction() as session:
        found = await session.execute(select(OutboxEvent.kind).order_by(OutboxEvent.id))
        by_id = list(found.scalars())
    assert by_id == ["SlowThing", "QuickThing"]
    assert diary.kinds == ["QuickThing", "SlowThing"]
    assert [event.position for event in diary.events] == [1, 2]


async def test_batches_are_stamped_in_the_order_of_ids(db: Database, reader: Reader) -> None:
    await happened(db, *(f"Thing{n}" for n in range(7)))

    stamped = [await sequence(db, reader, size=3) for _ in range(4)]

    diary = Diary()
    await consume(db, reader, name="diary", handler=diary)
    assert stamped == [3, 3, 1, 0]
    assert diary.kinds == [f"Thing{n}" for n in range(7)]


@pytest.fixture
async def own_database(
    fresh_database: Callable[[], Awaitable[str]],
) -> AsyncIterator[tuple[Database, Reader]]:
    url = await fresh_database()
    database, reader = Database(url, size=16), Reader(url, size=4)
    await reader.open()
    yield database, reader
    await database.close()
    reader.close()


async def test_several_sequencers_and_slow_writers_keep_every_event_in_its_objects_order(
    own_database: tuple[Database, Reader],
) -> None:
    db, reader = own_database
    async with db.transaction() as session:
        merchants = [(await make_merchant(session)).id for _ in range(5)]
    diary, writing = Diary(), True

    async def write(number: int) -> None:
        dice = random.Random(number)
        for _ in range(30):
            async with db.transaction() as session:
                chosen = dice.choice(merchants)
                version = await session.scalar(
                    update(Merchant)
                    .where(Merchant.id == chosen)
                    .values(version=Merchant.version + 1)
                    .returning(Merchant.version)
                )
                await events.record(session, events.event("Changed", chosen, version=version))
                await asyncio.sleep(dice.choice([0, 0, 0.001, 0.02]))

    async def keep_stamping() -> None:
        while writing or await sequence(db, reader, size=7):
            await asyncio.sleep(0.001)
            await sequence(db, reader, size=7)

    async def keep_reading() -> None:
        while writing or await consume(db, reader, name="diary", handler=diary, size=5):
            await asyncio.sleep(0.001)
            await consume(db, reader, name="diary", handler=diary, size=5)

    others = [asyncio.create_task(each()) for each in [keep_stamping] * 3 + [keep_reading]]
    await asyncio.gather(*(write(n) for n in range(8)))
    writing = False
    await asyncio.gather(*others)
    await consume(db, reader, name="diary", handler=diary)

    assert [event.position for event in diary.events] == list(range(1, 241))
    versions: defaultdict[UUID, list[int]] = defaultdict(list)
    for event in diary.events:
        versions[event.object_id].append(event.facts["version"])
    assert all(seen == list(range(2, len(seen) + 2)) for seen in versions.values())


async def test_a_failed_handler_sees_the_same_events_again(db: Database, reader: Reader) -> None:
    await happened(db, "First", "Second")
    await sequence(db, reader)
    seen: list[list[str]] = []

    async def fails_once(received: Sequence[Event]) -> None:
        seen.append([event.kind for event in received])
        if len(seen) == 1:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await consume(db, reader, name="fails", handler=fails_once)
    handled = await consume(db, reader, name="fails", handler=fails_once)
    idle = await consume(db, reader, name="fails", handler=fails_once)

    assert (handled, idle) == (2, 0)
    assert seen == [["First", "Second"]] * 2


async def test_two_workers_never_handle_a_consumers_events_at_once(
    db: Database, reader: Reader
) -> None:
    await happened(db, "Thing")
    await sequence(db, reader)
    entered, leave, diary = asyncio.Event(), asyncio.Event(), Diary()

    async def slowly(received: Sequence[Event]) -> None:
        entered.set()
        await leave.wait()

    first = asyncio.create_task(consume(db, reader, name="same", handler=slowly))
    await entered.wait()
    second = await consume(db, reader, name="same", handler=diary)
    other = await consume(db, reader, name="another", handler=diary)
    leave.set()

    assert (await first, second, other) == (1, 0, 1)


async def test_a_lease_that_ran_out_is_taken_over_and_not_given_back_by_its_first_holder(
    db: Database, reader: Reader
) -> None:
    await happened(db, "First")
    await sequence(db, reader)
    diary = Diary()

    async def loses_its_lease(received: Sequence[Event]) -> None:
        async with db.transaction() as session:
            await session.execute(update(OutboxCursor).values(lease_until=func.now()))
        await happened(db, "Second")
        await sequence(db, reader)
        await consume(db, reader, name="same", handler=diary)

    await consume(db, reader, name="same", handler=loses_its_lease)

    async with db.transaction() as session:
        position = await session.scalar(select(OutboxCursor.position))
    assert diary.kinds == ["First", "Second"]
    assert position == 2


async def test_the_sequencer_wakes_who_listens(
    db: Database, reader: Reader, database_url: str
) -> None:
    wake = asyncio.Event()
    news = News(database_url, [wake])
    await news.keep_listening()
    wake.clear()  # it looks once when it begins

    await happened(db, "Thing")
    await sequence(db, reader)

    await asyncio.wait_for(wake.wait(), timeout=5)
    news.close()


async def test_nothing_waiting_costs_one_small_statement(db: Database, reader: Reader) -> None:
    with counted() as statements:
        await outbox.sequence(db, reader)

    assert len(statements) == 1
