"""From a cart to an order group: what is held, what is refused, what happens once only."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from core.ids import encode
from models.cart import Cart
from models.checkout import Checkout
from models.inventory import StockLevel, StockMovement, StockReservation
from models.orders import Order, OrderGroup, OrderLine
from models.outbox import OutboxEvent
from models.platform import IdempotencyKey
from models.pricing import VariantPrice
from services import checkout, orders
from tests.asking import Ask
from tests.factories.shops import Stall, line, make_stall, selection
from tests.shopping import (
    CHECKOUT_CREATE,
    CHECKOUT_UPDATE,
    complete,
    fill_in,
    new_key,
    place,
    start_cart,
    start_checkout,
)

PAGE = """query($id: ID!) { checkout(id: $id) {
  status totals { subtotal { amount } shipping { amount } total { amount } }
  lines { title quantity total { amount } }
  deliveryGroups { merchant { slug } lines { sku } options { id price { amount } } selected { code } }
  orderGroup { id } } }"""
CANCEL = """mutation($id: ID!) { checkoutCancel(input: {checkoutId: $id}) {
  checkout { status } userErrors { __typename } } }"""
ORDERS = """query($id: ID!) { orderGroup(id: $id) { status total { amount }
  orders { number status merchant { slug } totals { total { amount } } lines { title quantity }
  events { kind } shippingAddress { city country } } } }"""
TABLES = (
    Cart,
    Checkout,
    StockReservation,
    StockMovement,
    OrderGroup,
    Order,
    OrderLine,
    OutboxEvent,
    IdempotencyKey,
)


async def counted_rows(db: Database) -> list[int]:
    async with db.transaction() as session:
        return [
            await session.scalar(select(func.count()).select_from(each)) or 0 for each in TABLES
        ]


async def levels(db: Database, stall: Stall) -> tuple[int, int, int]:
    """(on hand, reserved, allocated)."""
    async with db.transaction() as session:
        level = (
            await session.scalars(
                select(StockLevel).where(StockLevel.variant_id == stall.variant.id)
            )
        ).one()
        return level.on_hand, level.reserved, level.allocated


async def unanswered(_: Sequence[Any]) -> set[Any]:
    """Nobody pays anything."""
    return set()


async def test_a_checkout_holds_stock_and_becomes_one_order_per_merchant(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        first = await make_stall(session, price_minor=1_050, shipping_minor=500)
        second = await make_stall(session, price_minor=2_000, shipping_minor=0)
    guest, cart_id = await start_cart(ask, first, second, quantity=2)

    checkout_id = await start_checkout(guest, cart_id)
    held = await levels(db, first)
    await fill_in(guest, checkout_id, first, second)
    page = (await guest(PAGE, id=checkout_id))["checkout"]
    group = (await complete(guest, checkout_id))["orderGroup"]

    assert held == (10, 2, 0)
    assert page["totals"] == {
        "subtotal": {"amount": "61.00"},
        "shipping": {"amount": "5.00"},
        "total": {"amount": "66.00"},
    }
    assert [each["selected"]["code"] for each in page["deliveryGroups"]] == ["standard"] * 2
    seen = (await guest(ORDERS, id=group["id"]))["orderGroup"]
    assert seen["status"] == "PENDING_PAYMENT"
    assert [each["totals"]["total"]["amount"] for each in seen["orders"]] == ["26.00", "40.00"]
    assert [each["events"] for each in seen["orders"]] == [[{"kind": "PLACED"}]] * 2
    assert await ask(ORDERS, id=group["id"]) == {"orderGroup": None}
    assert await levels(db, first) == (10, 2, 0)


async def test_a_changed_price_is_told_per_line_and_holds_nothing(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        dearer, other = await make_stall(session), await make_stall(session)
    guest, cart_id = await start_cart(ask, dearer, other)
    async with db.transaction() as session:
        await session.execute(
            update(VariantPrice)
            .where(VariantPrice.variant_id == dearer.variant.id)
            .values(amount_minor=1_300)
        )
    before = await counted_rows(db)

    query = CHECKOUT_CREATE.replace(
        "code message field",
        "code ... on PriceChanged { previousPrice { amount } currentPrice { amount } }",
    )
    answer = await guest(query, input={"cartId": cart_id, "idempotencyKey": new_key()})

    assert answer["checkoutCreate"]["userErrors"] == [
        {
            "__typename": "PriceChanged",
            "code": "PRICE_CHANGED",
            "previousPrice": {"amount": "10.00"},
            "currentPrice": {"amount": "13.00"},
        }
    ]
    assert await counted_rows(db) == before


async def test_what_is_missing_is_named_and_nothing_is_placed(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    checkout_id = await start_checkout(guest, cart_id)
    before = await counted_rows(db)

    refused = await complete(guest, checkout_id)

    assert refused["orderGroup"] is None
    assert refused["userErrors"][0]["missing"] == ["email", "shippingAddress", "deliveries"]
    assert await counted_rows(db) == before


async def test_bad_details_set_nothing_at_all(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall, other = await make_stall(session), await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    checkout_id = await start_checkout(guest, cart_id)
    foreign = {**selection(stall), "optionId": encode("delivery", other.delivery.id)}

    answers = [
        await guest(
            CHECKOUT_UPDATE, input={"checkoutId": checkout_id, "email": "ada@example.com", **bad}
        )
        for bad in (
            {"shippingAddress": {"name": "", "line1": "x", "city": "y", "country": "US"}},
            {"deliveries": [foreign]},
            {"deliveries": [{**selection(stall), "optionId": "nonsense"}]},
            {"purchaseOrderNumber": "x" * 101},
            {"expectedVersion": 7},
        )
    ]

    codes = [each["checkoutUpdate"]["userErrors"][0]["code"] for each in answers]
    assert codes == ["INVALID_INPUT", "NOT_FOUND", "NOT_FOUND", "INVALID_INPUT", "VERSION_CONFLICT"]
    seen = await guest("query($id: ID!){checkout(id: $id){email version}}", id=checkout_id)
    assert seen["checkout"] == {"email": None, "version": 1}


async def test_a_checkout_completed_twenty_times_at_once_is_one_order(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    checkout_id = await start_checkout(guest, cart_id)
    await fill_in(guest, checkout_id, stall)
    key = new_key()

    payloads = await asyncio.gather(
        *[complete(guest, checkout_id, key if n % 2 else None) for n in range(20)]
    )

    assert {payload["orderGroup"]["id"] for payload in payloads} == {
        payloads[0]["orderGroup"]["id"]
    }
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Order)) == 1
        assert await session.scalar(select(func.count()).select_from(OrderGroup)) == 1


async def test_a_replayed_key_gets_the_same_checkout_and_other_arguments_are_refused(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    details = {"cartId": cart_id, "idempotencyKey": new_key()}
    first = await guest(CHECKOUT_CREATE, input=details)
    before = await counted_rows(db)

    again = await guest(CHECKOUT_CREATE, input=details)
    other = await guest(
        CHECKOUT_CREATE, input={**details, "cartId": encode("cart", stall.merchant.id)}
    )

    assert again == first
    assert other["checkoutCreate"]["userErrors"][0]["code"] == "IDEMPOTENCY_CONFLICT"
    assert await counted_rows(db) == before


async def test_a_new_checkout_of_the_cart_takes_over_the_stock_of_the_old_one(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=1)
    guest, cart_id = await start_cart(ask, stall)
    old = await start_checkout(guest, cart_id)

    new = await start_checkout(guest, cart_id)

    assert new != old
    assert (await guest(PAGE, id=old))["checkout"]["status"] == "CANCELLED"
    assert await levels(db, stall) == (1, 1, 0)


async def test_a_cancelled_checkout_frees_its_stock_once(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall, quantity=3)
    checkout_id = await start_checkout(guest, cart_id)

    answers = [await guest(CANCEL, id=checkout_id) for _ in range(2)]

    assert [each["checkoutCancel"]["checkout"]["status"] for each in answers] == ["CANCELLED"] * 2
    assert await levels(db, stall) == (10, 0, 0)
    assert (await complete(guest, checkout_id))["userErrors"][0]["code"] == "CHECKOUT_CLOSED"


async def test_a_cart_changed_after_the_checkout_began_is_not_ordered(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    checkout_id = await start_checkout(guest, cart_id)
    await fill_in(guest, checkout_id, stall)
    add = "mutation($input: CartLinesAddInput!){cartLinesAdd(input: $input){userErrors{code}}}"
    await guest(add, input={"cartId": cart_id, "lines": [line(stall)]})

    refused = await complete(guest, checkout_id)

    assert refused["userErrors"][0]["code"] == "CART_CHANGED"


async def test_an_expired_hold_is_freed_for_the_next_shopper_before_anyone_is_refused(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=1)
    guest, cart_id = await start_cart(ask, stall)
    other, other_cart = await start_cart(ask, stall)
    late = await start_checkout(guest, cart_id)
    async with db.transaction() as session:
        await session.execute(update(Checkout).values(expires_at=now() - timedelta(seconds=1)))

    await start_checkout(other, other_cart)

    assert (await guest(PAGE, id=late))["checkout"]["status"] == "EXPIRED"
    assert await levels(db, stall) == (1, 1, 0)


async def test_unpaid_groups_end_with_their_time_and_free_their_stock(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall, quantity=2)
    async with db.transaction() as session:
        await session.execute(update(OrderGroup).values(expires_at=now() - timedelta(seconds=1)))

    ended = [await orders.expire_due(db, being_paid=unanswered) for _ in range(2)]

    assert ended == [1, 0]
    assert await checkout.expire_due(db) == 0
    seen = (await guest(ORDERS, id=group["id"]))["orderGroup"]
    assert (seen["status"], seen["orders"][0]["status"]) == ("EXPIRED", "EXPIRED")
    assert [each["kind"] for each in seen["orders"][0]["events"]] == ["PLACED", "EXPIRED"]
    assert await levels(db, stall) == (10, 0, 0)


async def test_the_number_of_statements_does_not_depend_on_the_number_of_lines(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session, stock=50) for _ in range(6)]
    counts = []
    for some in (stalls[:1], stalls):
        guest, cart_id = await start_cart(ask, *some)
        create = await guest.statements(
            CHECKOUT_CREATE, input={"cartId": cart_id, "idempotencyKey": new_key()}
        )
        checkout_id = await start_checkout(guest, cart_id)
        page = await guest.statements(PAGE, id=checkout_id)
        counts.append((len(create), len(page)))

    assert counts[0] == counts[1]
    assert counts[1][1] == 5  # checkout, lines, options, selected, group; merchants are a snapshot


async def test_only_so_many_purchases_may_hold_stock_unpaid(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=50)
    guest, _ = await place(ask, stall)
    for _ in range(4):
        await place(guest, stall)
    _, cart_id = await start_cart(guest, stall)
    before = await counted_rows(db)

    refused = await guest(CHECKOUT_CREATE, input={"cartId": cart_id, "idempotencyKey": new_key()})

    assert refused["checkoutCreate"]["userErrors"][0]["code"] == "TOO_MANY_HOLDS"
    assert await counted_rows(db) == before
