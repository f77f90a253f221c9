"""Documents: what stands in them, when they go, what happens to those that can't be made."""

import asyncio
from collections.abc import AsyncIterator
from contextvars import Context
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text, update

from core.db import Database, counted
from models.catalog import (
    Attribute,
    AttributeKind,
    Product,
    ProductAttributeValue,
    ProductText,
    ProductType,
)
from models.orders import OrderStatus
from search import indexing
from search.documents import Document
from search.indexing import locks
from tests.factories.catalog import make_brand, make_category, make_product, make_variant
from tests.factories.orders import make_order
from tests.search.indexing.keeping import Shelf

PUBLISHED = datetime(2026, 3, 1, tzinfo=UTC)


async def make_lamp(db: Database) -> tuple[Product, Document]:
    """A product with everything a document has, and that document."""
    async with db.transaction() as session:
        brand = await make_brand(session)
        home = await make_category(session)
        lamps = await make_category(session, parent=home)
        kind = ProductType(slug="lamp", name={"en": "Lamp"})
        session.add(kind)
        await session.flush()  # others refer to its row
        product = await make_product(
            session,
            brand=brand,
            category=lamps,
            price_minor=4_900,
            product_type_id=kind.id,
            summary={"en": "Gives light"},
            published_at=PUBLISHED,
            rating_average=456,
            rating_count=3,
            options=[
                {
                    "slug": "color",
                    "name": {"en": "Colour"},
                    "values": [{"slug": "red", "name": {"en": "Red", "zh-Hans": "红色"}}],
                }
            ],
        )
        variant = await make_variant(session, product=product, stock=1)
        variant.sku, variant.barcode = "LMP-100", "4006381333931"
        gone = await make_variant(session, product=product, stock=5)
        gone.is_active = False
        session.add(ProductText(product_id=product.id, description={"en": "A long story"}))
        await add_values(session, product.id, kind.id)
        await make_order(session, variant, quantity=2)
        await make_order(session, variant, quantity=50, status=OrderStatus.CANCELLED)
        await make_order(session, variant, quantity=50, status=OrderStatus.PENDING_PAYMENT)
    document = Document(
        product_id=product.id,
        merchant_id=product.merchant_id,
        product_type_id=kind.id,
        brand_id=brand.id,
        category_ids=[home.id, lamps.id],
        names=product.name,
        summaries={"en": "Gives light"},
        descriptions={"en": "A long story"},
        categories=[home.name, lamps.name],
        brand=brand.name,
        attribute_texts=["Steel", "Dimmable", "可调光", "E27", "Red", "红色"],
        codes=["4006381333931", "lmp100"],
        attributes=["material=Steel", "dimmable=true", "loud=false"],
        price_minor=4_900,
        in_stock=True,
        rating=456,
        rating_count=3,
        units_sold=2,
        published_at=PUBLISHED,
    )
    return product, document


async def add_values(session: Any, product_id: UUID, type_id: UUID) -> None:
    told = [
        ("material", AttributeKind.TEXT, "Steel", True, {"en": "Material"}),
        ("dimmable", AttributeKind.BOOLEAN, "true", True, {"en": "Dimmable", "zh-Hans": "可调光"}),
        ("loud", AttributeKind.BOOLEAN, "false", True, {"en": "Loud"}),
        ("socket", AttributeKind.TEXT, "E27", False, {"en": "Socket"}),
    ]
    for position, (slug, kind, value, is_filterable, name) in enumerate(told):
        attribute = Attribute(
            product_type_id=type_id,
            slug=slug,
            name=name,
            kind=kind,
            is_filterable=is_filterable,
            position=position,
        )
        session.add(attribute)
        await session.flush()  # the value refers to its row
        session.add(
            ProductAttributeValue(product_id=product_id, attribute_id=attribute.id, value=value)
        )


async def test_a_document_has_the_facts_of_all_groups(db: Database, shelf: Shelf) -> None:
    product, expected = await make_lamp(db)
    await shelf.note(product.id)

    made = await shelf.make()

    assert made == 1
    assert await shelf.document(product.id) == expected
    assert await shelf.waiting() == set()


async def test_a_batch_takes_a_fixed_number_of_statements(db: Database, shelf: Shelf) -> None:
    seen = []
    for size in (1, 25):
        async with db.transaction() as session:
            products = [(await make_variant(session)).product_id for _ in range(size)]
            hidden = [(await make_product(session, is_published=False)).id for _ in range(size)]
        await shelf.note(*products, *hidden)
        with counted() as statements:
            await indexing.make(db, shelf.reader, is_pushed=True)
        seen.append(len(statements))

    assert seen == [11, 11]


async def test_a_product_that_nobody_may_see_any_more_becomes_a_tombstone(
    db: Database, shelf: Shelf
) -> None:
    async with db.transaction() as session:
        product = await make_product(session)
    await shelf.note(product.id)
    await shelf.make()
    first = await shelf.version(product.id)

    async with db.transaction() as session:
        await session.execute(update(Product).values(is_listed=False))
    await shelf.note(product.id)
    await shelf.make(is_pushed=True)

    assert await shelf.find(product.id) is None
    assert await shelf.version(product.id) > first
    assert await shelf.unpushed() == {product.id}


REFUSING = """
CREATE FUNCTION refuse_word() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.document->'names'->>'en' = 'Unbearable' THEN
        RAISE EXCEPTION 'word is too long' USING ERRCODE = 'program_limit_exceeded';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refusing BEFORE INSERT ON search_documents
FOR EACH ROW EXECUTE FUNCTION refuse_word()
"""


@pytest.fixture
async def refusing(db: Database, cleaner: asyncpg.Connection) -> AsyncIterator[None]:
    """PostgreSQL refuses a document by this name, as it does texts too long for its indexes."""
    await cleaner.execute(REFUSING)
    yield
    await cleaner.execute("DROP FUNCTION refuse_word CASCADE")


async def test_what_cannot_be_made_does_not_stop_the_others(
    db: Database, shelf: Shelf, refusing: None
) -> None:
    async with db.transaction() as session:
        products = [(await make_product(session)).id for _ in range(9)]
    await rename(db, products[4], "Unbearable")
    await shelf.note(*products)

    made = await shelf.make()

    assert made == 9
    assert await shelf.dead_letters() == {products[4]: "not made: ProgramLimitExceededError"}
    assert await shelf.waiting() == set()
    assert await shelf.listed() == 8

    await rename(db, products[4], "Bearable")
    await shelf.note(products[4])
    await shelf.make()

    assert await shelf.dead_letters() == {}
    assert await shelf.listed() == 9


async def rename(db: Database, product_id: UUID, name: str) -> None:
    async with db.transaction() as session:
        changed = update(Product).where(Product.id == product_id)
        await session.execute(changed.values(name={"en": name}))


async def test_what_many_share_does_not_hold_up_a_single_change(db: Database, shelf: Shelf) -> None:
    async with db.transaction() as session:
        products = [(await make_product(session)).id for _ in range(5)]
    await indexing.note_everything(db)
    await shelf.note(products[3])

    await indexing.make(db, shelf.reader, is_pushed=False, size=1)

    assert await shelf.waiting() == {*products} - {products[3]}


async def test_a_change_during_the_making_is_made_once_more(db: Database, shelf: Shelf) -> None:
    """Whoever notes a product waits for the maker who has taken it, and notes it anew."""
    async with db.transaction() as session:
        product = await make_product(session, price_minor=1_000)
    await shelf.note(product.id)

    async with db.transaction() as session:
        await locks.share(session)
        await session.execute(text("DELETE FROM search_changes"))  # the maker has taken it
        noting = asyncio.create_task(change_price(db, shelf, product.id), context=Context())
        await asyncio.sleep(0.3)
        assert not noting.done()
    await noting

    assert await shelf.waiting() == {product.id}
    await shelf.make()
    assert (await shelf.document(product.id)).price_minor == 2_000


async def change_price(db: Database, shelf: Shelf, product_id: UUID) -> None:
    async with db.transaction() as session:
        await session.execute(update(Product).values(price_min_minor=2_000, price_max_minor=2_000))
    await shelf.note(product_id)


async def test_a_fault_of_the_database_is_no_fault_of_the_documents(
    db: Database, shelf: Shelf
) -> None:
    async with db.transaction() as session:
        product = await make_product(session)
    await shelf.note(product.id)
    async with db.transaction() as session:
        await session.execute(text("ALTER TABLE search_documents RENAME TO mislaid"))
    try:
        with pytest.raises(Exception, match="search_documents"):
            await shelf.make()
    finally:
        async with db.transaction() as session:
            await session.execute(text("ALTER TABLE mislaid RENAME TO search_documents"))

    assert await shelf.dead_letters() == {}
    assert await shelf.waiting() == {product.id}
