"""Which changes reach which documents, through the services that make them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from core.clock import now
from core.db import Database, counted
from core.identity import EVERYONE, Caller, CallerKind, Permission
from core.ids import new_id
from models.catalog import Brand, Category, Product, Variant
from models.checkout import Checkout
from search.indexing.following import note_all
from services import catalog, checkout, inventory, merchants, orders
from services.catalog import AttributeDraft, BrandChange, CategoryChange, ProductTypeChange
from services.merchants import Decision
from services.pricing import NewPrice
from tests.asking import Ask
from tests.factories.catalog import make_brand, make_category, make_product, make_variant
from tests.factories.merchants import make_merchant
from tests.factories.shops import Stall, make_stall
from tests.search.indexing.keeping import Shelf
from tests.shopping import new_key, place, start_cart, start_checkout

STAFF = Caller(CallerKind.USER, new_id(), grants={each.value: EVERYONE for each in Permission})


@pytest.fixture
async def stall(db: Database, shelf: Shelf) -> Stall:
    """With its product's document made; others are there, whose documents nothing touches."""
    async with db.transaction() as session:
        made = await make_stall(session, stock=10)
        await make_product(session)
    await note_all(db)
    await shelf.keep()
    return made


def product_of(stall: Stall) -> UUID:
    return stall.variant.product_id


async def adjust(db: Database, stall: Stall, units: int) -> None:
    line = inventory.Adjustment(stall.warehouse.id, stall.variant.id, set_to=units)
    async with db.transaction() as session:
        await inventory.adjust(
            session, STAFF, lines=[line], reason="counted", idempotency_key=new_key()
        )


async def test_only_running_out_and_coming_back_make_a_document_anew(
    db: Database, shelf: Shelf, stall: Stall
) -> None:
    product, made = product_of(stall), []
    for units in (3, 0, 5, 4):
        await adjust(db, stall, units)
        await shelf.follow()
        waiting = await shelf.waiting()
        await shelf.make()
        made.append((waiting, (await shelf.document(product)).in_stock))

    assert made == [
        (set(), True),
        ({product}, False),
        ({product}, True),
        (set(), True),
    ]


async def test_a_product_is_in_stock_while_any_variant_on_sale_is(
    db: Database, shelf: Shelf, stall: Stall
) -> None:
    product = product_of(stall)
    async with db.transaction() as session:
        of_stall = await session.get_one(Product, product)
        await make_variant(session, product=of_stall, warehouse=stall.warehouse, stock=1)
    await adjust(db, stall, 0)
    await shelf.keep()
    with_another = (await shelf.document(product)).in_stock

    async with db.transaction() as session:
        await session.execute(
            update(Variant).where(Variant.id != stall.variant.id).values(is_active=False)
        )
    await shelf.note(product)
    await shelf.make()

    assert (with_another, (await shelf.document(product)).in_stock) == (True, False)


async def test_the_last_units_held_and_given_back(
    ask: Ask, db: Database, shelf: Shelf, stall: Stall
) -> None:
    product = product_of(stall)
    guest, cart_id = await start_cart(ask, stall, quantity=10)
    await start_checkout(guest, cart_id)
    await shelf.keep()
    while_held = (await shelf.document(product)).in_stock

    async with db.transaction() as session:
        await session.execute(update(Checkout).values(expires_at=now() - timedelta(minutes=1)))
    await checkout.expire_due(db)
    await shelf.keep()

    assert (while_held, (await shelf.document(product)).in_stock) == (False, True)


def inner(id: str) -> UUID:
    return UUID(id.rpartition("_")[2])


async def test_units_sold_follow_payments_and_cancellations(
    ask: Ask, db: Database, shelf: Shelf, stall: Stall
) -> None:
    product = product_of(stall)
    _, group = await place(ask, stall, quantity=3)
    group_id, total = inner(group["id"]), 3 * 1_000 + 500
    await shelf.keep()
    unpaid = (await shelf.document(product)).units_sold

    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=total)
    await shelf.keep()
    paid = (await shelf.document(product)).units_sold

    order_id = inner(group["orders"][0]["id"])
    async with db.transaction() as session:
        await orders.cancel(session, STAFF, order_id=order_id, idempotency_key=new_key())
    await shelf.keep()

    assert (unpaid, paid, (await shelf.document(product)).units_sold) == (0, 3, 0)


async def test_prices_and_variants(db: Database, shelf: Shelf, stall: Stall) -> None:
    product = product_of(stall)
    price = NewPrice(currency="USD", amount_minor=700)
    async with db.transaction() as session:
        await catalog.set_prices(session, STAFF, prices=[(stall.variant.id, price)], currency="USD")
    await shelf.keep()

    assert (await shelf.document(product)).price_minor == 700


async def test_published_and_unpublished(db: Database, shelf: Shelf, stall: Stall) -> None:
    product, seen = product_of(stall), []
    for is_published in (False, True):
        async with db.transaction() as session:
            await catalog.set_published(
                session,
                STAFF,
                product_id=product,
                is_published=is_published,
                currency="USD",
                expected_version=None,
            )
        await shelf.keep()
        seen.append(await shelf.find(product) is not None)

    assert seen == [False, True]


async def two_products(db: Database, shelf: Shelf, **of_the_first: Any) -> tuple[UUID, UUID]:
    """Both with documents; the first one belongs to something, the other to something else."""
    async with db.transaction() as session:
        first = await make_product(session, **of_the_first)
        second = await make_product(session, brand=await make_brand(session))
    await note_all(db)
    await shelf.make()
    return first.id, second.id


async def test_a_brand_renamed_concerns_its_products_only(db: Database, shelf: Shelf) -> None:
    async with db.transaction() as session:
        brand = await make_brand(session)
    first, _ = await two_products(db, shelf, brand=brand)

    await save_brand(db, brand, description={"en": "Since 1900"})
    await shelf.follow()
    described = await shelf.waiting()
    await save_brand(db, brand, name="Brighter")
    await shelf.follow()
    renamed = await shelf.waiting()
    await shelf.make()

    assert (described, renamed) == (set(), {first})
    assert (await shelf.document(first)).brand == "Brighter"


async def save_brand(db: Database, brand: Brand, **change: Any) -> None:
    async with db.transaction() as session:
        await catalog.save_brand(session, brand_id=brand.id, change=BrandChange(**change))


async def test_a_category_renamed_or_moved_concerns_what_is_below_it(
    db: Database, shelf: Shelf
) -> None:
    async with db.transaction() as session:
        home, garden = await make_category(session), await make_category(session)
        light = await make_category(session, parent=home)
        lamps = await make_category(session, parent=light)
    first, _ = await two_products(db, shelf, category=lamps)

    await save_category(db, light, position=3)
    await shelf.follow()
    reordered = await shelf.waiting()
    await save_category(db, home, name={"en": "House"})
    await shelf.follow()
    renamed = await shelf.waiting()
    await shelf.make()
    await save_category(db, light, parent_id=garden.id)
    await shelf.follow()
    moved = await shelf.waiting()
    await shelf.make()

    assert (reordered, renamed, moved) == (set(), {first}, {first})
    document = await shelf.document(first)
    assert document.category_ids == [garden.id, light.id, lamps.id]
    assert document.categories[0] == garden.name


async def save_category(db: Database, category: Category, **change: Any) -> None:
    async with db.transaction() as session:
        await catalog.save_category(
            session, category_id=category.id, change=CategoryChange(**change)
        )


async def test_attributes_changed_concern_the_products_of_their_type(
    db: Database, shelf: Shelf
) -> None:
    async with db.transaction() as session:
        type_id = await catalog.save_product_type(
            session, product_type_id=None, change=ProductTypeChange(name={"en": "Lamp"})
        )
    first, _ = await two_products(db, shelf, product_type_id=type_id)
    attribute = AttributeDraft(slug="material", name={"en": "Material"})

    seen = []
    for change in ({"name": {"en": "Lamps"}}, {"attributes": [attribute]}):
        async with db.transaction() as session:
            await catalog.save_product_type(
                session, product_type_id=type_id, change=ProductTypeChange(**change)
            )
        await shelf.follow()
        seen.append(await shelf.waiting())

    assert seen == [set(), {first}]


async def test_a_merchant_suspended_takes_its_products_along_and_brings_them_back(
    db: Database, shelf: Shelf
) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
    first, second = await two_products(db, shelf, merchant=merchant)

    seen = []
    for decision in (Decision.SUSPEND, Decision.REINSTATE):
        async with db.transaction() as session:
            await merchants.review(
                session, STAFF, merchant_id=merchant.id, decision=decision, reason="A word"
            )
        await shelf.follow()
        waiting = await shelf.waiting()
        await shelf.make()
        seen.append((waiting, [await shelf.find(each) is not None for each in (first, second)]))

    assert seen == [({first}, [False, True]), ({first}, [True, True])]


async def test_very_many_are_noted_page_by_page(db: Database, shelf: Shelf) -> None:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
        products = {(await make_product(session, merchant=merchant)).id for _ in range(5)}
        products.add((await make_product(session)).id)

    with counted() as statements:
        noted = await note_all(db, size=4)

    assert noted == 6
    assert await shelf.waiting() == products
    assert len(statements) == 4  # two pages, each read and noted


async def test_events_that_come_again_note_the_same_again(
    db: Database, shelf: Shelf, stall: Stall
) -> None:
    await adjust(db, stall, 0)
    await shelf.follow()
    first = await shelf.waiting()

    await shelf.note(*first)

    assert await shelf.waiting() == first == {product_of(stall)}
