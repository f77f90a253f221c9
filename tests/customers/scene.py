"""Two merchants, who bought of them, and who manages their customers."""

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from auth.tokens import Tokens
from core.clock import now
from core.db import Database
from core.ids import encode, new_id
from models.accounts import User
from models.cart import Cart, CartStatus
from models.checkout import Checkout
from models.merchants import Membership, Merchant
from models.orders import Order, OrderGroup
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.merchants import make_merchant


class AskFor(Ask):
    """Asks as somebody who names one merchant in the header."""

    def __init__(self, ask: Ask, merchant: Merchant) -> None:
        super().__init__(ask.client, ask.token)
        self.merchant = encode("merchant", merchant.id)

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        headers = {
            "authorization": f"Bearer {self.token}",
            "marketfront-merchant": self.merchant,
        }
        body = {"query": query, "variables": variables}
        response = await self.client.post("/graphql", json=body, headers=headers)
        result: dict[str, Any] = response.json()
        return result


class Scene(NamedTuple):
    """ada bought of both merchants, bob of the second one, cy of nobody."""

    first: Merchant
    second: Merchant
    ada: User
    bob: User
    cy: User
    platform: Ask
    of_first: Ask
    of_second: Ask
    of_both: Ask


async def make_order(session: AsyncSession, merchant: Merchant, buyer: User) -> None:
    """An order, with as little around it as the database allows."""
    moment, group_id, checkout_id, cart_id = now(), new_id(), new_id(), new_id()
    checkout = Checkout(
        id=checkout_id,
        cart_id=cart_id,
        cart_version=1,
        owner_id=buyer.id,
        currency="USD",
        expires_at=moment,
    )
    group = OrderGroup(
        id=group_id,
        checkout_id=checkout_id,
        owner_id=buyer.id,
        currency="USD",
        total_minor=100,
        email=buyer.email,
        expires_at=moment,
    )
    order = Order(
        group_id=group_id,
        merchant_id=merchant.id,
        owner_id=buyer.id,
        number=f"N-{group_id.hex[-12:]}",
        currency="USD",
        subtotal_minor=100,
        shipping_minor=0,
        total_minor=100,
        email=buyer.email,
        shipping_address={},
        billing_address={},
        delivery_name={},
        carrier_code="parcel-express",
        placed_at=moment,
    )
    cart = Cart(id=cart_id, owner_id=buyer.id, currency="USD", status=CartStatus.ORDERED)
    for each in (cart, checkout, group, order):
        session.add(each)
        await session.flush()  # the next one refers to its row


async def make_scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    async with db.transaction() as session:
        first, second = await make_merchant(session), await make_merchant(session)
        names = (("Ada", "Examplar"), ("Bob", "Adams"), ("Cy", "Example"))
        people = []
        for days, (given, family) in enumerate(names):
            user = await make_user(session, email=f"{given.lower()}@example.test")
            user.first_name, user.last_name, user.phone = given, family, "+1 555 0100"
            user.created_at = now() - timedelta(days=10 - days)
            people.append(user)
        ada, bob, cy = people
        for merchant, buyer in ((first, ada), (first, ada), (second, ada), (second, bob)):
            await make_order(session, merchant, buyer)
        boss = await make_user(session, platform=("MANAGE_CUSTOMERS",))
        clerks = [
            await make_staff(session, merchant, "MANAGE_CUSTOMERS") for merchant in (first, second)
        ]
        both = await make_staff(session, first, "MANAGE_CUSTOMERS")
        session.add(
            Membership(user_id=both.id, merchant_id=second.id, permissions=["MANAGE_CUSTOMERS"])
        )
        asks = [ask.as_(await sign_in(session, tokens, each)) for each in (boss, *clerks, both)]
    return Scene(first, second, ada, bob, cy, *asks)
