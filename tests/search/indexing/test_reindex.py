"""`make reindex`: with Elasticsearch and without, back again, and not twice at once."""

from uuid import UUID

import pytest
from sqlalchemy import delete, update

from core.db import Database
from core.settings import Settings
from models.catalog import Product
from models.search import SearchDocument
from search.indexing import locks
from tests.search.indexing.keeping import Node, Shelf
from tests.search.indexing.test_pushing import make_products, name_of
from tools import reindex


async def spoil_everything(db: Database, products: list[UUID]) -> None:
    """As after a fault of ours: a document is gone, one is old, one should not be there."""
    async with db.transaction() as session:
        await session.execute(
            delete(SearchDocument).where(SearchDocument.product_id == products[0])
        )
        renamed = update(Product).where(Product.id == products[1])
        await session.execute(renamed.values(name={"en": "Renamed"}))
        hidden = update(Product).where(Product.id == products[2])
        await session.execute(hidden.values(is_listed=False, status="DRAFT"))


async def test_without_elasticsearch_all_documents_are_made_anew(
    settings: Settings, db: Database, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    products = await make_products(db, 4)
    await shelf.note(*products)
    await shelf.make()
    await spoil_everything(db, products)

    status = await reindex.run(settings, is_rolled_back=False)
    back = await reindex.run(settings, is_rolled_back=True)

    assert (status, back) == (0, 1)
    assert await shelf.find(products[2]) is None
    assert (await shelf.document(products[1])).names == {"en": "Renamed"}
    assert await shelf.listed() == 3
    said = capsys.readouterr().out
    assert "documents made: 4 of 4\n" in said
    assert "Set ELASTICSEARCH_URL" in said


async def test_with_elasticsearch_a_new_index_answers_and_the_old_one_again(
    db: Database, shelf: Shelf, node: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    products = await make_products(db, 4)
    await shelf.note(*products)
    await shelf.make(is_pushed=True)
    await node.push()
    first = await node.serving()
    await spoil_everything(db, products)

    status = await reindex.run(node.settings, is_rolled_back=False)
    second = await node.serving()
    found, renamed = await node.ids(), await name_of(node, products[1])
    back = await reindex.run(node.settings, is_rolled_back=True)

    assert (status, back) == (0, 0)
    assert second != first == await node.serving()
    assert found == await node.ids() == {products[0], products[1], products[3]}
    assert renamed == "renamed"
    said = capsys.readouterr().out
    assert "documents in the new index: 3 of 3\n" in said
    assert f"{second} answers.\n" in said
    assert f"{first} answers again.\n" in said


async def test_two_at_once_are_one_too_many(
    settings: Settings, db: Database, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    await make_products(db, 1)
    async with locks.alone(settings.database_url):
        status = await reindex.run(settings, is_rolled_back=False)

    assert status == 1
    assert capsys.readouterr().err == "An index is being built already.\n"
    assert await shelf.listed() == 0


async def test_elasticsearch_that_is_not_there_is_told_in_words(
    settings: Settings, db: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = settings.model_copy(update={"elasticsearch_url": "http://127.0.0.1:9"})

    status = await reindex.run(nowhere, is_rolled_back=False)

    assert status == 1
    assert capsys.readouterr().err.startswith("Elasticsearch takes nothing now: ")
