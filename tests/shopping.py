"""A shopper's steps from an empty cart to an order group, as an app would take them."""

from typing import Any
from uuid import uuid4

from tests.asking import Ask
from tests.factories.shops import ADDRESS, Stall, line, selection

CART_CREATE = """mutation($lines: [CartLineInput!]!) { cartCreate(input: {lines: $lines}) {
  cart { id version } guestToken userErrors { __typename code message field } } }"""
CHECKOUT_CREATE = """mutation($input: CheckoutCreateInput!) { checkoutCreate(input: $input) {
  checkout { id status totals { total { amount } } } userErrors { __typename code message field } } }"""
CHECKOUT_UPDATE = """mutation($input: CheckoutUpdateInput!) { checkoutUpdate(input: $input) {
  checkout { id version } userErrors { __typename code message field } } }"""
CHECKOUT_COMPLETE = """mutation($input: CheckoutCompleteInput!) { checkoutComplete(input: $input) {
  orderGroup { id status total { amount } orders { id number status } }
  userErrors { __typename code message field ... on CheckoutIncomplete { missing } } } }"""


def new_key() -> str:
    return uuid4().hex


async def start_cart(ask: Ask, *stalls: Stall, quantity: int = 1) -> tuple[Ask, str]:
    """A guest with a cart of one line per stall: who asks from now on, and the cart's id."""
    made = await ask(CART_CREATE, lines=[line(stall, quantity) for stall in stalls])
    payload = made["cartCreate"]
    assert payload["userErrors"] == []
    asks = ask.as_(payload["guestToken"]) if payload["guestToken"] else ask
    return asks, payload["cart"]["id"]


async def start_checkout(ask: Ask, cart_id: str) -> str:
    made = await ask(CHECKOUT_CREATE, input={"cartId": cart_id, "idempotencyKey": new_key()})
    assert made["checkoutCreate"]["userErrors"] == []
    checkout_id: str = made["checkoutCreate"]["checkout"]["id"]
    return checkout_id


async def fill_in(ask: Ask, checkout_id: str, *stalls: Stall) -> None:
    """E-mail, address and delivery in one go."""
    details = {
        "checkoutId": checkout_id,
        "email": "ada@example.com",
        "shippingAddress": ADDRESS,
        "deliveries": [selection(stall) for stall in stalls],
    }
    made = await ask(CHECKOUT_UPDATE, input=details)
    assert made["checkoutUpdate"]["userErrors"] == []


async def complete(ask: Ask, checkout_id: str, key: str | None = None) -> dict[str, Any]:
    """The payload of checkoutComplete."""
    details = {"checkoutId": checkout_id, "idempotencyKey": key or new_key()}
    payload: dict[str, Any] = (await ask(CHECKOUT_COMPLETE, input=details))["checkoutComplete"]
    return payload


async def place(ask: Ask, *stalls: Stall, quantity: int = 1) -> tuple[Ask, dict[str, Any]]:
    """Everything from nothing to an order group: who asks, and the group."""
    asks, cart_id = await start_cart(ask, *stalls, quantity=quantity)
    checkout_id = await start_checkout(asks, cart_id)
    await fill_in(asks, checkout_id, *stalls)
    payload = await complete(asks, checkout_id)
    assert payload["userErrors"] == []
    return asks, payload["orderGroup"]
