"""Documents on their way to Elasticsearch: what comes, what is refused, what waits."""

import random
from uuid import UUID

import pytest
from sqlalchemy import text, update

from core.db import Database, Reader, counted
from models.catalog import Product
from models.search import SearchDocument
from search.documents import to_json
from search.indexing import bulk, keeping
from search.indexing.bulk import Kept, NoIndex
from search.indexing.following import note_all
from tests.factories.catalog import make_product
from tests.search.indexing.keeping import Node, Shelf


async def make_products(db: Database, number: int) -> list[UUID]:
    async with db.transaction() as session:
        return [(await make_product(session)).id for _ in range(number)]


@pytest.fixture
async def products(db: Database, shelf: Shelf, node: Node) -> list[UUID]:
    """Three, in an index."""
    made = await make_products(db, 3)
    await note_all(db)
    await shelf.make(is_pushed=True)
    await node.push()
    return made


async def rename(db: Database, shelf: Shelf, product_id: UUID, name: str) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Product).where(Product.id == product_id).values(name={"en": name})
        )
    await shelf.note(product_id)
    await shelf.make(is_pushed=True)


async def unlist(db: Database, shelf: Shelf, product_id: UUID) -> None:
    async with db.transaction() as session:
        await session.execute(
            update(Product).where(Product.id == product_id).values(is_listed=False)
        )
    await shelf.note(product_id)
    await shelf.make(is_pushed=True)


async def name_of(node: Node, product_id: UUID) -> str:
    names: list[str] = (await node.source(product_id))["whole_names"]
    return names[0]


async def test_the_first_push_builds_the_index(
    node: Node, products: list[UUID], shelf: Shelf
) -> None:
    found = await node.hits()

    assert {UUID(hit["_id"]) for hit in found} == {*products}
    assert {hit["_version"] for hit in found} == {await shelf.version(each) for each in products}
    assert await shelf.unpushed() == set()


async def test_changes_and_tombstones_come(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    changed, gone, same = products
    await rename(db, shelf, changed, "Brighter lamp")
    await unlist(db, shelf, gone)

    pushed = await node.push()

    assert pushed == 2
    assert await node.ids() == {changed, same}
    assert await name_of(node, changed) == "brighter lamp"
    assert await shelf.unpushed() == set()


async def test_an_older_version_never_replaces_a_newer_one(
    reader: Reader, db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    """Another worker that was held up sends what it had read long ago."""
    changed, gone, _ = products
    await rename(db, shelf, changed, "Old")
    await rename(db, shelf, gone, "Old")
    old = await keeping.waiting(reader)
    await rename(db, shelf, changed, "New")
    await unlist(db, shelf, gone)
    await node.push()

    outcomes = [each async for each in bulk.send(node.client, node.alias, old, is_alias=True)]
    await keeping.settle(db, outcomes[0])

    assert [kept.product_id for kept in outcomes[0].taken] == [changed, gone]  # newer are there
    assert await name_of(node, changed) == "new"
    assert gone not in await node.ids()


async def test_what_was_pushed_in_an_older_version_still_waits(
    reader: Reader, db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    await rename(db, shelf, products[0], "Old")
    old = await keeping.waiting(reader)
    await rename(db, shelf, products[0], "New")

    async for outcome in bulk.send(node.client, node.alias, old, is_alias=True):
        await keeping.settle(db, outcome)

    assert await shelf.unpushed() == {products[0]}
    await node.push()
    assert await name_of(node, products[0]) == "new"


async def spoil(db: Database, product_id: UUID) -> None:
    """Write a price that the mapping does not take, past the code that never would."""
    async with db.transaction() as session:
        await session.execute(
            text(
                "UPDATE search_documents SET document = jsonb_set(document, '{price_minor}', "
                "'\"a secret of 5000\"') WHERE product_id = :id"
            ),
            {"id": product_id},
        )


async def test_a_refused_document_is_told_with_the_reason_and_stops_nobody(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    broken, fine, _ = products
    await rename(db, shelf, broken, "Broken")
    await spoil(db, broken)
    await rename(db, shelf, fine, "Fine")

    await node.push()

    assert await shelf.dead_letters() == {broken: "document_parsing_exception: price_minor"}
    assert await shelf.unpushed() == set()
    assert await name_of(node, fine) == "fine"

    await rename(db, shelf, broken, "Mended")
    await node.push()

    assert await shelf.dead_letters() == {}
    assert await name_of(node, broken) == "mended"


async def test_requests_have_a_bounded_size(node: Node, products: list[UUID], shelf: Shelf) -> None:
    document = to_json(await shelf.document(products[0]))
    document["descriptions"] = {f"a{n}": "word " * 1_000 for n in range(9)}
    batch = [Kept(UUID(int=n), 1, document) for n in range(1, 400)]

    outcomes = [each async for each in bulk.send(node.client, node.alias, batch, is_alias=True)]

    sizes = [len(outcome.taken) for outcome in outcomes]
    length = len(b"".join(bulk._lines(batch[0])))
    assert sum(sizes) == 399
    assert len(sizes) > 1
    assert max(sizes) * length <= bulk.BYTES


async def test_nothing_is_written_where_no_alias_is(
    shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    document = to_json(await shelf.document(products[0]))
    await node.client.indices.delete(index=await node.serving())

    with pytest.raises(NoIndex):
        async for _ in bulk.send(
            node.client, node.alias, [Kept(products[0], 1, document)], is_alias=True
        ):
            pass

    assert await node.indices() == {}


async def test_a_push_takes_a_fixed_number_of_statements(
    db: Database, shelf: Shelf, node: Node, products: list[UUID]
) -> None:
    seen = []
    for size in (1, 30):
        for product in await make_products(db, size):
            await shelf.note(product)
        await shelf.make(is_pushed=True)
        with counted() as statements:
            assert await node.tools.pusher.push() == size
        seen.append(len(statements))

    assert seen == [3, 3]


async def test_a_page_is_not_larger_than_memory_allows(
    reader: Reader, db: Database, shelf: Shelf
) -> None:
    """Three texts of half a page each, that can't be compressed; and all come, in their order."""
    products = await make_products(db, 5)
    await note_all(db)
    await shelf.make(is_pushed=True)
    async with db.transaction() as session:
        for product in products[1:4]:
            noise = {"noise": random.Random(7).randbytes(keeping.PAGE_BYTES // 4).hex()}
            await session.execute(
                update(SearchDocument)
                .where(SearchDocument.product_id == product)
                .values(document=noise)
            )

    pages = [page async for page in keeping.listed(reader)]

    assert len(pages) > 1
    assert [kept.product_id for page in pages for kept in page] == sorted(products)
