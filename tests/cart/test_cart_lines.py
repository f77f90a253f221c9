"""Lines of a cart: added, joined, changed, refused."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update

from core.db import Database
from models.cart import Cart, CartLine
from models.catalog import Product
from models.outbox import OutboxEvent
from models.pricing import VariantPrice
from tests.asking import Ask
from tests.factories.shops import line, make_stall
from tests.shopping import start_cart

NOBODYS = "018f000000007000800000000000000a"
ADD = """mutation($input: CartLinesAddInput!) { cartLinesAdd(input: $input) {
  cart { id version totalQuantity subtotal { amount currency }
    lines { id quantity unitPrice { amount } total { amount } variant { id sku product { name } } } }
  userErrors { __typename code message field ... on OutOfStock { variantId available requested } } } }"""
UPDATE = """mutation($input: CartLinesUpdateInput!) { cartLinesUpdate(input: $input) {
  cart { version lines { quantity } } userErrors { __typename field } } }"""
CART = """query($id: ID) { cart(id: $id) { id version lines { id quantity
  problems { code message available previousPrice { amount } } } groups { merchant { name } subtotal { amount } } } }"""


async def counted_rows(db: Database) -> list[int]:
    async with db.transaction() as session:
        return [
            await session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Cart, CartLine, OutboxEvent)
        ]


async def test_a_line_that_is_there_gains_units(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, price_minor=1_999)
    guest, cart_id = await start_cart(ask, stall, quantity=2)

    added = await guest(ADD, input={"cartId": cart_id, "lines": [line(stall, 3)]})

    cart = added["cartLinesAdd"]["cart"]
    assert [each["quantity"] for each in cart["lines"]] == [5]
    assert cart["subtotal"] == {"amount": "99.95", "currency": "USD"}


@pytest.mark.parametrize(
    ("quantity", "refusal"),
    [
        (0, "QuantityOutOfRange"),
        (-1, "QuantityOutOfRange"),
        (10**9, "QuantityOutOfRange"),
        (100, "QuantityOutOfRange"),
        (11, "OutOfStock"),
    ],
)
async def test_units_that_can_not_be_are_refused_and_change_nothing(
    db: Database, ask: Ask, quantity: int, refusal: str
) -> None:
    async with db.transaction() as session:
        stall, other = await make_stall(session, stock=10), await make_stall(session)
    guest, cart_id = await start_cart(ask, other)
    before = await counted_rows(db)

    answer = await guest(
        ADD, input={"cartId": cart_id, "lines": [line(other), line(stall, quantity)]}
    )

    refused = answer["cartLinesAdd"]
    assert refused["cart"] is None
    assert [each["__typename"] for each in refused["userErrors"]] == [refusal]
    assert refused["userErrors"][0]["field"] == ["lines", "1", "quantity"]
    assert await counted_rows(db) == before


@pytest.mark.parametrize("variant_id", ["nonsense", f"variant_{NOBODYS}", f"cart_{NOBODYS}"])
async def test_an_unknown_variant_is_not_found(db: Database, ask: Ask, variant_id: str) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)

    answer = await guest(ADD, input={"cartId": cart_id, "lines": [{"variantId": variant_id}]})

    assert answer["cartLinesAdd"]["userErrors"][0]["__typename"] == "NotFound"
    assert answer["cartLinesAdd"]["userErrors"][0]["field"] == ["lines", "0", "variantId"]


async def test_somebody_elses_cart_is_not_there(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    _, cart_id = await start_cart(ask, stall)
    stranger, _ = await start_cart(ask, stall)

    seen = await stranger(CART, id=cart_id)
    answers = [
        await asks(ADD, input={"cartId": cart_id, "lines": [line(stall)]})
        for asks in (stranger, ask)
    ]

    assert seen == {"cart": None}
    assert [each["cartLinesAdd"]["userErrors"][0]["code"] for each in answers] == ["NOT_FOUND"] * 2


async def test_two_tabs_adding_at_once_lose_nothing(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=50)
    guest, cart_id = await start_cart(ask, stall)

    await asyncio.gather(
        *[guest(ADD, input={"cartId": cart_id, "lines": [line(stall)]}) for _ in range(10)]
    )

    cart = (await guest(CART, id=cart_id))["cart"]
    assert cart["lines"][0]["quantity"] == 11
    assert cart["version"] == 12


async def test_an_outdated_version_is_refused(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)

    answer = await guest(
        ADD, input={"cartId": cart_id, "lines": [line(stall)], "expectedVersion": 1}
    )

    assert answer["cartLinesAdd"]["userErrors"][0]["code"] == "VERSION_CONFLICT"


async def test_zero_units_remove_a_line(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        first, second = await make_stall(session), await make_stall(session)
    guest, cart_id = await start_cart(ask, first, second)
    lines = (await guest(CART, id=cart_id))["cart"]["lines"]

    changes = [{"lineId": lines[0]["id"], "quantity": 0}, {"lineId": lines[1]["id"], "quantity": 4}]
    answer = await guest(UPDATE, input={"cartId": cart_id, "lines": changes})

    assert answer["cartLinesUpdate"]["cart"]["lines"] == [{"quantity": 4}]


async def test_what_changed_since_it_was_added_is_told_per_line(db: Database, ask: Ask) -> None:
    async with db.transaction() as session:
        dearer, gone = await make_stall(session), await make_stall(session)
    guest, cart_id = await start_cart(ask, dearer, gone, quantity=2)
    async with db.transaction() as session:
        await session.execute(
            update(VariantPrice)
            .where(VariantPrice.variant_id == dearer.variant.id)
            .values(amount_minor=1_200)
        )
        await session.execute(
            update(Product).where(Product.id == gone.variant.product_id).values(is_listed=False)
        )

    cart = (await guest(CART, id=cart_id))["cart"]

    problems: list[Any] = [each["problems"] for each in cart["lines"]]
    assert [[problem["code"] for problem in each] for each in problems] == [
        ["PRICE_CHANGED"],
        ["NOT_FOR_SALE"],
    ]
    assert problems[0][0]["previousPrice"] == {"amount": "10.00"}
    assert [group["subtotal"]["amount"] for group in cart["groups"]] == ["24.00", "20.00"]


async def test_adding_a_line_needs_nine_statements_however_many_lines_there_are(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session, stock=90) for _ in range(5)]
    guest, cart_id = await start_cart(ask, *stalls)

    statements = await guest.statements(ADD, input={"cartId": cart_id, "lines": [line(stalls[0])]})

    assert len(statements) == 9, statements
