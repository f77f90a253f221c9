"""Which stock a checkout takes, gives back, and writes down."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import select

from core.db import Database
from core.ids import decode
from models.checkout import Checkout
from models.inventory import StockLevel, StockMovement, StockReservation
from models.outbox import OutboxEvent
from services import orders
from tests.asking import Ask
from tests.checkout.test_stock_races import attempt
from tests.factories.catalog import make_warehouse
from tests.factories.shops import Stall, line, make_stall
from tests.shopping import place, start_cart, start_checkout

ADD = """mutation($input: CartLinesAddInput!) { cartLinesAdd(input: $input) {
  cart { lines { id quantity } } userErrors { code } } }"""
UPDATE = (
    "mutation($input: CartLinesUpdateInput!) { cartLinesUpdate(input: $input) { cart { id } } }"
)


async def exchange(ask: Ask, cart_id: str, wanted: Stall) -> None:
    """The cart holds one unit of another stall, and nothing else."""
    added = await ask(ADD, input={"cartId": cart_id, "lines": [line(wanted)]})
    first = added["cartLinesAdd"]["cart"]["lines"][0]["id"]
    await ask(UPDATE, input={"cartId": cart_id, "lines": [{"lineId": first, "quantity": 0}]})


async def add_shelf(db: Database, stall: Stall, stock: int) -> None:
    """A second warehouse of the stall, which ships after the first."""
    async with db.transaction() as session:
        warehouse = await make_warehouse(session, stall.merchant)
        warehouse.priority = 1
        place: dict[str, Any] = {
            "warehouse_id": warehouse.id,
            "variant_id": stall.variant.id,
            "merchant_id": stall.merchant.id,
        }
        session.add(StockLevel(**place, on_hand=stock))


async def test_an_empty_shelf_is_passed_over(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=0)
    await add_shelf(db, stall, stock=5)
    guest, cart_id = await start_cart(ask, stall, quantity=3)

    await start_checkout(guest, cart_id)

    async with db.transaction() as session:
        held = (await session.scalars(select(StockReservation.quantity))).all()
        reserved = await session.scalars(select(StockLevel.reserved).order_by(StockLevel.reserved))
        assert (held, reserved.all()) == ([3], [0, 3])


async def test_what_one_shelf_lacks_comes_from_the_next(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=2)
    await add_shelf(db, stall, stock=5)
    guest, cart_id = await start_cart(ask, stall, quantity=3)

    await start_checkout(guest, cart_id)

    async with db.transaction() as session:
        held = await session.scalars(select(StockReservation.quantity))
        assert sorted(held) == [1, 2]


async def test_shoppers_who_exchange_one_article_for_the_other_do_not_wait_in_a_circle(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        one, two = [await make_stall(session, stock=90) for _ in range(2)]
    shoppers = []
    for n in range(12):
        has, wants = (one, two) if n % 2 else (two, one)
        guest, cart_id = await start_cart(ask, has)
        await start_checkout(guest, cart_id)
        await exchange(guest, cart_id, wants)
        shoppers.append((guest, cart_id))

    outcomes = Counter(await asyncio.gather(*[attempt(*each) for each in shoppers]))

    assert outcomes == {"CREATED": 12}
    async with db.transaction() as session:
        assert (await session.scalars(select(StockLevel.reserved))).all() == [6, 6]


async def test_a_checkout_that_another_one_replaces_is_told_as_ended(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    old = decode("checkout", await start_checkout(guest, cart_id))

    await start_checkout(guest, cart_id)

    async with db.transaction() as session:
        kinds = select(OutboxEvent.kind).where(OutboxEvent.object_id == old)
        told = await session.scalars(kinds.order_by(OutboxEvent.id))
        version = await session.scalar(select(Checkout.version).where(Checkout.id == old))
        assert (told.all(), version) == (["CheckoutCreated", "CheckoutEnded"], 2)


async def test_each_merchants_movements_refer_to_its_own_order(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(2)]
    _, group = await place(ask, *stalls)
    group_id = decode("ordergroup", group["id"])
    assert group_id is not None

    async with db.transaction() as session:
        await orders.settle(session, group_id=group_id, paid_minor=3_000)

    async with db.transaction() as session:
        sold = select(StockMovement).where(StockMovement.kind == "COMMITMENT")
        moved = {each.merchant_id: each.reference_id for each in await session.scalars(sold)}
        held = {
            each.merchant_id: each.order_id
            for each in await session.scalars(select(StockReservation))
        }
        assert moved == held
