"""A guest's cart that comes along to an account."""

from typing import Any

import pytest

from auth.tokens import Tokens
from core.db import Database
from services.cart import carts
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in
from tests.factories.shops import line, make_stall
from tests.shopping import place, start_cart

MERGE = """mutation($token: String!) { cartMerge(input: {guestToken: $token}) {
  cart { totalQuantity lines { quantity } } userErrors { __typename field } } }"""


async def merged(ask: Ask, token: str | None) -> Any:
    return (await ask(MERGE, token=token))["cartMerge"]


async def test_units_add_up_to_at_most_ninety_nine_and_the_guest_is_gone(
    db: Database, ask: Ask, tokens: Tokens
) -> None:
    async with db.transaction() as session:
        shared, other = await make_stall(session, stock=200), await make_stall(session)
        user = await sign_in(session, tokens, await make_user(session))
    guest, _ = await start_cart(ask, shared, quantity=60)
    shopper, _ = await start_cart(ask.as_(user), shared, quantity=50)
    add = "mutation($l: [CartLineInput!]!) { cartCreate(input: {lines: $l}) { cart { id } } }"
    await guest(add, l=[line(other, 2)])

    payloads = [await merged(shopper, guest.token) for _ in range(2)]

    assert [each["cart"]["totalQuantity"] for each in payloads] == [101, 101]
    assert sorted(each["quantity"] for each in payloads[0]["cart"]["lines"]) == [2, 99]
    gone = await guest.answer("{ cart { id } }")
    assert gone["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_full_cart_keeps_its_lines_and_takes_what_still_fits(
    db: Database, ask: Ask, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carts, "MAX_LINES", 3)
    async with db.transaction() as session:
        stalls = [await make_stall(session) for _ in range(4)]
        user = await sign_in(session, tokens, await make_user(session))
    guest, _ = await start_cart(ask, *stalls[1:], quantity=2)
    shopper, _ = await start_cart(ask.as_(user), *stalls[:2])

    payload = await merged(shopper, guest.token)

    assert [each["quantity"] for each in payload["cart"]["lines"]] == [1, 3, 2]


async def test_the_guests_orders_come_along(db: Database, ask: Ask, tokens: Tokens) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
        user = await sign_in(session, tokens, await make_user(session))
    guest, group = await place(ask, stall)

    await merged(ask.as_(user), guest.token)

    seen = await ask.as_(user)("{ me { orders { nodes { id } totalCount { count } } } }")
    assert seen["me"]["orders"]["nodes"] == [{"id": group["orders"][0]["id"]}]
    assert seen["me"]["orders"]["totalCount"]["count"] == 1


async def test_only_a_guests_token_is_taken(db: Database, ask: Ask, tokens: Tokens) -> None:
    async with db.transaction() as session:
        one, two = [await sign_in(session, tokens, await make_user(session)) for _ in range(2)]

    payloads = [await merged(ask.as_(one), token) for token in ("nonsense", two)]

    assert [each["userErrors"][0]["__typename"] for each in payloads] == ["GuestTokenInvalid"] * 2


async def test_a_refused_cart_leaves_no_ghost_that_owns_the_next_one(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    twice = """mutation($bad: [CartLineInput!]!, $good: [CartLineInput!]!) {
      a: cartCreate(input: {lines: $bad}) { guestToken userErrors { code } }
      b: cartCreate(input: {lines: $good}) { guestToken cart { id } } }"""

    made = await ask(twice, bad=[line(stall, 0)], good=[line(stall)])

    assert made["a"] == {"guestToken": None, "userErrors": [{"code": "QUANTITY_OUT_OF_RANGE"}]}
    seen = await ask.as_(made["b"]["guestToken"])("{ cart { id } }")
    assert seen["cart"] == made["b"]["cart"]
