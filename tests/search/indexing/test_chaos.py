"""Elasticsearch killed, paused, red, full, without its index: nothing is lost, and it comes back."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from uuid import UUID

import pytest

from core.db import Database
from search.elastic import shape
from search.indexing import bulk, pushing
from search.indexing.following import note_all
from search.indexing.indices import Indices, State
from tests.search.indexing.keeping import Node, Shelf
from tests.search.indexing.test_pushing import make_products, rename, unlist
from tests.search_nodes import OwnElasticsearch


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "LONGEST_PAUSE_SECONDS", 0.5)
    monkeypatch.setattr(pushing, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(bulk, "SHARD_SECONDS", "1s")


@pytest.fixture
async def products(db: Database, shelf: Shelf, own_node: Node) -> list[UUID]:
    made = await make_products(db, 3)
    await note_all(db)
    await shelf.make(is_pushed=True)
    await own_node.push()
    return made


async def rounds(node: Node, number: int = 3) -> None:
    """Some rounds of pushing, none of which may fail."""
    for _ in range(number):
        await node.tools.pusher.push()
        await asyncio.sleep(0.3)


async def until(node: Node, is_so: Callable[[], Awaitable[bool]]) -> None:
    """Let the pusher work until something is so."""
    async with asyncio.timeout(40):
        while not await is_so():
            await node.tools.pusher.push()
            await asyncio.sleep(0.1)


async def changes(db: Database, shelf: Shelf, products: list[UUID]) -> set[UUID]:
    """A change, a product gone and a new one; what is to be found then."""
    await rename(db, shelf, products[0], "Changed")
    await unlist(db, shelf, products[1])
    (new,) = await make_products(db, 1)
    await shelf.note(new)
    await shelf.make(is_pushed=True)
    return {products[0], products[2], new}


async def all_there(node: Node, shelf: Shelf, expected: set[UUID]) -> None:
    """Wait until every change has come. No document was blamed for what was the node's fault."""

    async def is_pushed() -> bool:
        return not await shelf.unpushed()

    await until(node, is_pushed)
    hits = await node.hits()
    assert {UUID(hit["_id"]) for hit in hits} == expected
    for hit in hits:
        assert hit["_version"] == await shelf.version(UUID(hit["_id"]))
    assert await shelf.dead_letters() == {}


async def test_killed_and_started_again(
    db: Database,
    shelf: Shelf,
    own_node: Node,
    own_elasticsearch: OwnElasticsearch,
    products: list[UUID],
) -> None:
    await asyncio.to_thread(own_elasticsearch.kill)
    expected = await changes(db, shelf, products)
    await rounds(own_node)
    waiting = await shelf.unpushed()

    await asyncio.to_thread(own_elasticsearch.start)

    assert len(waiting) == 3
    await all_there(own_node, shelf, expected)


async def test_paused_and_resumed_while_documents_are_made(
    db: Database,
    shelf: Shelf,
    own_node: Node,
    own_elasticsearch: OwnElasticsearch,
    products: list[UUID],
) -> None:
    await rename(db, shelf, products[2], "Before")
    own_elasticsearch.pause()
    pushing_task = asyncio.create_task(own_node.tools.pusher.push(), context=Context())
    await asyncio.sleep(0.5)
    expected = await changes(db, shelf, products)
    was_held_up = not pushing_task.done()
    own_elasticsearch.resume()
    await pushing_task

    assert was_held_up
    await all_there(own_node, shelf, expected)


async def test_an_index_deleted_by_hand_is_built_anew_even_when_nothing_changes(
    shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    await own_node.client.indices.delete(index=await own_node.serving())

    await rounds(own_node, 1)

    await all_there(own_node, shelf, {*products})


async def test_an_alias_taken_away_by_hand_is_put_back(
    shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    orphan = await own_node.serving()
    await own_node.client.indices.delete_alias(index=orphan, name=own_node.alias)

    await rounds(own_node, 1)

    await all_there(own_node, shelf, {*products})
    assert await own_node.serving() != orphan


async def test_an_index_with_the_name_of_the_alias_makes_way(
    db: Database, shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    """As a late deletion makes one, when the alias is gone at this very moment."""
    await own_node.client.indices.delete(index=await own_node.serving())
    gone = bulk.Kept(UUID(int=1), 1, None)
    async for _ in bulk.send(own_node.client, own_node.alias, [gone], is_alias=True):
        pass
    assert [*await own_node.indices()] == [own_node.alias]

    expected = await changes(db, shelf, products)

    await all_there(own_node, shelf, expected)


async def test_read_only_after_the_disk_was_full(
    db: Database, shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    await block(own_node, True)
    expected = await changes(db, shelf, products)
    await rounds(own_node)
    waiting = await shelf.unpushed()

    await block(own_node, None)

    assert len(waiting) >= 2  # a deletion is allowed
    await all_there(own_node, shelf, expected)


async def block(node: Node, value: bool | None) -> None:
    setting = {"index.blocks.read_only_allow_delete": value}
    await node.client.indices.put_settings(index=node.alias, settings=setting)


async def test_a_closed_index(
    db: Database, shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    name = await own_node.serving()
    await own_node.client.indices.close(index=name)
    expected = await changes(db, shelf, products)
    await rounds(own_node)
    waiting = await shelf.unpushed()

    await own_node.client.indices.open(index=name)

    assert len(waiting) == 3
    await all_there(own_node, shelf, expected)


async def test_a_red_index(
    db: Database, shelf: Shelf, own_node: Node, products: list[UUID]
) -> None:
    """Its shard has no place: what waits does so until it has one."""
    indices, name = own_node.client.indices, f"{own_node.alias}-1"
    await indices.delete(index=await own_node.serving())
    body = shape.body({"state": State.READY, "complete_to": 0})
    nowhere = {**body["settings"], "index.routing.allocation.require._name": "nobody"}
    await indices.create(
        index=name, settings=nowhere, mappings=body["mappings"], wait_for_active_shards="0"
    )
    await indices.put_alias(index=name, name=own_node.alias)
    expected = await changes(db, shelf, products)
    await rounds(own_node)
    health, waiting = await own_node.client.cluster.health(index=name), await shelf.unpushed()

    anywhere = {"index.routing.allocation.require._name": None}
    await indices.put_settings(index=name, settings=anywhere)

    assert (health["status"], len(waiting)) == ("red", 3)
    await all_there(own_node, shelf, expected - {products[2]})  # it did not change


async def test_killed_while_a_new_index_is_built(
    db: Database,
    shelf: Shelf,
    own_node: Node,
    own_elasticsearch: OwnElasticsearch,
    products: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one before answers on, and nothing of the new one stays."""
    monkeypatch.setattr("search.indexing.rebuilding.PATIENCE_SECONDS", 0.0)
    serving, send = await own_node.serving(), bulk.send

    async def kill_first(*given: object, **named: object) -> object:
        await asyncio.to_thread(own_elasticsearch.kill)
        async for outcome in send(*given, **named):  # type: ignore[arg-type]
            yield outcome

    monkeypatch.setattr(bulk, "send", kill_first)
    with pytest.raises(bulk.Outage):
        await own_node.rebuild()
    monkeypatch.setattr(bulk, "send", send)
    await asyncio.to_thread(own_elasticsearch.start)

    assert await own_node.serving() == serving
    assert await own_node.ids() == {*products}
    whole = await own_node.rebuild()
    assert {*await own_node.indices()} == {serving, whole.name}


async def test_an_index_of_another_release_is_pushed_to_by_that_release(
    db: Database,
    shelf: Shelf,
    own_node: Node,
    products: list[UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While a release is rolled out, two shapes are there: the newer one gets what changes.

    When it is taken back, the older one notices that nobody pushes, and gets all that it missed.
    """
    old, time = own_node.tools.pusher, asyncio.get_running_loop().time()
    fingerprint = shape.fingerprint()
    monkeypatch.setattr(shape, "fingerprint", lambda: "newer")
    newer = Indices(own_node.client, own_node.settings.elasticsearch_index)
    monkeypatch.setattr(shape, "fingerprint", lambda: fingerprint)
    with monkeypatch.context() as other_release:
        other_release.setattr(own_node.tools.rebuilder, "_indices", newer)
        built = await own_node.rebuild()
    monkeypatch.setattr(old, "_now", lambda: time)

    expected = await changes(db, shelf, products)
    pushed = await old.push()
    time += pushing.LEFT_ALONE_SECONDS + 1
    await old.push()

    assert pushed == 0
    assert len(await shelf.unpushed()) == 3
    left = {each.name: each.state for each in await newer.all()}
    assert left[built.name] is State.LEFT
    assert await old.push() == 3
    await all_there(own_node, shelf, expected)
