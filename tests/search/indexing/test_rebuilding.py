"""An index built beside the one that answers: no gap, no lost change, one at a time, and back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.db import Database
from models.catalog import Product
from models.search import SearchDocument
from search import indexing
from search.indexing import bulk, keeping, locks, pushing
from search.indexing.following import note_all
from search.indexing.indices import Indices
from search.indexing.locks import Busy
from search.indexing.rebuilding import Incomplete, NothingToRollBackTo
from tests.factories.catalog import make_product
from tests.search.indexing.keeping import Node, Shelf
from tests.search.indexing.test_pushing import make_products, name_of, rename, spoil, unlist


@pytest.fixture
async def products(db: Database, shelf: Shelf, node: Node) -> list[UUID]:
    """Three, in an index."""
    made = await make_products(db, 3)
    await note_all(db)
    await shelf.make(is_pushed=True)
    await node.push()
    return made


async def test_a_new_index_takes_the_place_of_the_old_one_which_stays(
    shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    first = await node.serving()

    second = (await node.rebuild()).name

    indices = await node.indices()
    assert await node.serving() == second != first
    assert await node.ids() == await node.ids(first) == {*products}
    assert {name: told["mappings"]["_meta"]["state"] for name, told in indices.items()} == {
        first: "left",
        second: "ready",
    }

    third = (await node.rebuild()).name

    assert {*await node.indices()} == {second, third}


async def test_back_to_the_index_before_with_what_changed_since(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    first = await node.serving()
    second = (await node.rebuild()).name
    await rename(db, shelf, products[0], "Later")
    await unlist(db, shelf, products[1])
    await node.push()

    back = (await node.roll_back()).name

    assert await node.serving() == back == first
    assert await node.ids() == {products[0], products[2]}
    assert await name_of(node, products[0]) == "later"

    await rename(db, shelf, products[2], "Latest")
    await node.push()
    assert await name_of(node, products[2]) == "latest"
    forth = (await node.roll_back()).name
    assert forth == second
    assert await name_of(node, products[2]) == "latest"


async def test_without_an_index_before_there_is_no_way_back(
    node: Node, products: list[UUID]
) -> None:
    with pytest.raises(NothingToRollBackTo):
        await node.roll_back()

    assert await node.ids() == {*products}


async def test_two_at_once_are_one_too_many(node: Node, products: list[UUID]) -> None:
    async with locks.alone(node.settings.database_url):
        with pytest.raises(Busy, match="already"):
            await node.rebuild()

    assert len(await node.indices()) == 1


async def test_what_a_run_that_died_left_behind_is_cleared_away(
    node: Node, products: list[UUID]
) -> None:
    serving = await node.serving()
    indices = Indices(node.client, node.settings.elasticsearch_index)
    half = await indices.create(now())
    assert await node.serving() == serving

    whole = await node.rebuild()

    assert {*await node.indices()} == {serving, whole.name}
    assert half.name not in await node.indices()


async def test_an_index_that_is_not_whole_never_answers(
    monkeypatch: pytest.MonkeyPatch, node: Node, products: list[UUID]
) -> None:
    serving = await node.serving()

    async def forgetful(*_: object) -> object:
        if False:
            yield

    monkeypatch.setattr(keeping, "listed", forgetful)
    with pytest.raises(Incomplete, match="0 of 3"):
        await node.rebuild()

    assert [*await node.indices()] == [serving]
    assert await node.ids() == {*products}


async def test_a_refused_document_does_not_stop_a_new_index(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    await rename(db, shelf, products[0], "Broken")
    await spoil(db, products[0])

    await node.rebuild()

    assert await node.ids() == {*products[1:]}
    assert await shelf.dead_letters() == {products[0]: "document_parsing_exception: price_minor"}


class Bustle:
    """Two makers, a pusher, three writers and somebody who searches, all at once."""

    def __init__(self, shelf: Shelf, node: Node, products: list[UUID]) -> None:
        self._shelf, self._node, self._products = shelf, node, products
        self._stopping = asyncio.Event()
        self.fewest = len(products)  # that a search has found

    async def __aenter__(self) -> "Bustle":
        work = [*(self._write(n) for n in range(3)), self._search()]
        work += [self._keep(self._make), self._keep(self._make)]
        work += [self._keep(self._node.tools.pusher.push)]
        self._tasks = [asyncio.create_task(each, context=Context()) for each in work]
        return self

    async def __aexit__(self, *error: object) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _write(self, number: int) -> None:
        dice = random.Random(number)
        while not self._stopping.is_set():
            chosen = dice.choice(self._products)
            async with self._shelf.db.transaction() as session:
                dearer = {"price_min_minor": Product.price_min_minor + 1, "price_max_minor": 10**9}
                await session.execute(update(Product).where(Product.id == chosen).values(dearer))
            await self._shelf.note(chosen)
            await asyncio.sleep(0.005)

    async def _make(self) -> int:
        return await indexing.make(self._shelf.db, self._shelf.reader, is_pushed=True, size=7)

    async def _keep(self, work: Callable[[], Awaitable[int]]) -> None:
        while not self._stopping.is_set():
            if not await work():
                await asyncio.sleep(0.01)

    async def _search(self) -> None:
        while not self._stopping.is_set():
            found = await self._node.client.count(index=self._node.alias)
            self.fewest = min(self.fewest, found["count"])
            await asyncio.sleep(0.005)


async def test_nothing_is_lost_and_nothing_missing_while_everything_changes(
    db: Database, shelf: Shelf, node: Node
) -> None:
    products = await make_products(db, 100)
    await note_all(db)
    await shelf.make(is_pushed=True)
    await node.push()

    async with Bustle(shelf, node, products) as bustle:
        indices = {(await node.rebuild()).name for _ in range(2)}
        indices.add((await node.roll_back()).name)
    await shelf.make(is_pushed=True)
    await node.push()

    assert bustle.fewest == 100
    assert len(indices) == 2
    truth = await prices_of(db, Product.id, Product.price_min_minor)
    documents = await prices_of(db, SearchDocument.product_id, SearchDocument.price_minor)
    assert await prices_found(node) == documents == truth
    assert await shelf.dead_letters() == {}


async def prices_found(node: Node) -> dict[UUID, int]:
    found = await node.hits()
    return {UUID(hit["_id"]): hit["_source"]["price_minor"] for hit in found}


async def prices_of(db: Database, product_id: Any, price: Any) -> dict[UUID, int]:
    async with db.transaction() as session:
        found = await session.execute(select(product_id, price))
        return {row[0]: row[1] for row in found}


async def test_after_a_restart_only_what_came_after_the_last_note_is_sent_again(
    db: Database,
    shelf: Shelf,
    node: Node,
    products: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(node.tools.pusher, "_note_at", 0.0)
    monkeypatch.setattr(pushing, "LOOK_SECONDS", 0.0)
    await rename(db, shelf, products[0], "Pushed and noted")
    await node.push()
    await rename(db, shelf, products[1], "Pushed")
    await node.push()
    await rename(db, shelf, products[2], "Neither")
    sent: list[UUID] = []
    send = bulk.send

    async def watched(client: Any, index: str, documents: Any, **named: Any) -> Any:
        sent.extend(kept.product_id for kept in documents)
        async for outcome in send(client, index, documents, **named):
            yield outcome

    monkeypatch.setattr(bulk, "send", watched)
    async with indexing.opened(node.settings, db, shelf.reader) as restarted:
        assert restarted is not None
        await restarted.pusher.push()

    assert sent == [products[1], products[2]]


async def test_what_was_never_pushed_comes_when_the_worker_starts(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    """As after a time without ELASTICSEARCH_URL, or when Elasticsearch comes back from a copy."""
    async with db.transaction() as session:
        new = await make_product(session)
    await shelf.note(new.id)
    await shelf.make(is_pushed=False)
    assert await node.push() == 0

    async with indexing.opened(node.settings, db, shelf.reader) as restarted:
        assert restarted is not None
        while await restarted.pusher.push():
            pass

    assert await node.ids() == {*products, new.id}
