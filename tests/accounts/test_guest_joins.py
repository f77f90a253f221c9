"""A guest who signs in brings cart and orders along."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from core.db import Database
from core.ids import encode
from models.accounts import Guest, User
from models.cart import Cart
from models.checkout import Checkout
from models.orders import Order
from models.outbox import OutboxEvent
from tests.accounts.operations import (
    CONFIRM,
    ME,
    PASSWORD,
    SIGN_IN,
    everything,
    open_account,
    refused,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_guest, make_user
from tests.factories.shops import make_stall
from tests.shopping import place, start_cart, start_checkout

CART = "{ cart { id lines { quantity variant { id } } } }"


async def test_opening_an_account_keeps_the_guests_cart_and_ends_the_guest(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall, quantity=2)

    payload = await open_account(db, guest)

    assert payload["userErrors"] == []
    own = ask.as_(payload["accessToken"])
    cart = (await own(CART))["cart"]
    assert cart["id"] == cart_id
    assert cart["lines"] == [
        {"quantity": 2, "variant": {"id": encode("variant", stall.variant.id)}}
    ]
    answer = await guest.answer(ME)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_signing_in_adds_the_guests_cart_to_the_accounts(
    db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        first, second = await make_stall(session), await make_stall(session)
    own = ask.as_((await sign_in(ask))["accessToken"])
    await start_cart(own, first, quantity=1)
    guest, _ = await start_cart(ask, first, second, quantity=2)

    payload = await sign_in(guest)

    assert payload["userErrors"] == []
    cart = (await ask.as_(payload["accessToken"])(CART))["cart"]
    assert sorted(line["quantity"] for line in cart["lines"]) == [2, 3]


async def test_checkouts_come_along(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    await start_checkout(guest, cart_id)

    payload = await sign_in(guest)

    assert payload["userErrors"] == []
    async with db.transaction() as session:
        assert await session.scalar(select(Checkout.owner_id)) == ann.id


@pytest.mark.parametrize(
    ("operation", "values", "refusal"),
    [
        (
            SIGN_IN,
            {"email": "ann@example.com", "password": "wrong horse battery"},
            ("SignInFailed", None),
        ),
        (CONFIRM, {"token": "x" * 43, "password": PASSWORD}, ("LinkInvalid", ["token"])),
    ],
)
async def test_a_refused_sign_in_leaves_the_guest_as_it_is(
    db: Database, ann: User, ask: Ask, operation: str, values: Any, refusal: Any
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, cart_id = await start_cart(ask, stall)
    before = await everything(db)

    payload = next(iter((await guest(operation, input=values)).values()))

    assert refused(payload) == [refusal]
    assert await everything(db) == before
    assert (await guest(CART))["cart"]["id"] == cart_id


async def test_of_two_sign_ins_at_once_one_takes_the_guests_things(
    app: Starlette, db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, _ = await start_cart(ask, stall, quantity=3)

    payloads = await asyncio.gather(sign_in(guest), sign_in(guest), sign_in(guest))

    assert [payload["userErrors"] for payload in payloads] == [[]] * 3
    cart = (await ask.as_(payloads[0]["accessToken"])(CART))["cart"]
    assert [line["quantity"] for line in cart["lines"]] == [3]
    async with db.transaction() as session:
        owners = (await session.scalars(select(Cart.owner_id))).all()
        joined = (await session.scalars(select(Guest.joined_user_id))).all()
    assert owners == [ann.id]
    assert joined == [ann.id]


async def test_of_two_accounts_at_once_one_gets_the_guest_and_the_cart(
    db: Database, ann: User, password_hash: str, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
        await make_user(session, email="bob@example.com", password_hash=password_hash)
    guest, _ = await start_cart(ask, stall)

    payloads = await asyncio.gather(sign_in(guest), sign_in(guest, email="bob@example.com"))

    assert [payload["userErrors"] for payload in payloads] == [[]] * 2
    async with db.transaction() as session:
        owners = (await session.scalars(select(Cart.owner_id))).all()
        joined = (await session.scalars(select(Guest.joined_user_id))).all()
        events = await session.scalar(select(func.count()).where(OutboxEvent.kind == "GuestJoined"))
    assert owners == joined
    assert events == 1


async def test_a_guest_without_anything_just_ends(
    app: Starlette, db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        guest_id, token = await make_guest(session, app.state.shop.tokens)

    payload = await sign_in(ask.as_(token))

    assert payload["userErrors"] == []
    async with db.transaction() as session:
        guest = await session.get_one(Guest, guest_id)
    assert guest.revoked_at is not None
    assert guest.joined_user_id == ann.id


async def test_registering_an_address_brings_none_of_the_orders_that_guests_placed_with_it(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    guest, group = await place(ask, stall)
    async with db.transaction() as session:
        email = await session.scalar(select(Order.email))

    own = ask.as_((await open_account(db, ask, email=email))["accessToken"])

    order = "query($id: ID!) { order(by: {id: $id}) { id } }"
    placed = group["orders"][0]["id"]
    assert (await own("{ me { orders { nodes { id } } } }"))["me"]["orders"] == {"nodes": []}
    assert await own(order, id=placed) == {"order": None}
    assert await guest(order, id=placed) == {"order": {"id": placed}}
