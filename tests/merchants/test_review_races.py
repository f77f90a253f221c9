"""Suspending a merchant while it is selling."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from auth.callers import grants_of
from auth.tokens import Tokens
from core.db import Database
from core.identity import Caller, CallerKind, Permission
from core.ids import encode, new_id
from models.catalog import Product
from models.merchants import Merchant
from models.orders import Order
from services import catalog, merchants
from tests.asking import Ask
from tests.factories.accounts import make_staff, make_user, sign_in
from tests.factories.catalog import make_category, make_product, make_variant
from tests.factories.merchants import make_merchant
from tests.factories.shops import Stall, make_stall
from tests.merchants.operations import decide
from tests.shopping import complete, fill_in, start_cart, start_checkout

BUYERS = 20
PUBLISH = """mutation($id: ID!) { productPublish(input: {productId: $id, isPublished: true}) {
  userErrors { __typename } } }"""
CREATE = """mutation($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id } userErrors { __typename } } }"""


async def ready_buyers(ask: Ask, stall: Stall, number: int) -> list[tuple[Ask, str]]:
    """Who has nothing left to do but to complete a checkout."""
    ready = []
    for _ in range(number):
        buyer, cart_id = await start_cart(ask, stall)
        checkout_id = await start_checkout(buyer, cart_id)
        await fill_in(buyer, checkout_id, stall)
        ready.append((buyer, checkout_id))
    return ready


async def number_of_orders(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Order)) or 0


async def test_no_purchase_is_completed_after_the_suspension_was_committed(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=BUYERS)
        person = await make_user(session, platform=("MANAGE_MERCHANTS",))
        platform = ask.as_(await sign_in(session, tokens, person))
    ready = await ready_buyers(ask, stall, BUYERS)

    some_bought, is_suspended = asyncio.Event(), asyncio.Event()
    turns = asyncio.Semaphore(4)

    async def buy(buyer: Ask, checkout_id: str, place: int) -> str:
        """The first ones before the suspension begins, the last ones after it was answered."""
        if place >= BUYERS - 4:
            await is_suspended.wait()
        async with turns:
            refusals: list[Any] = (await complete(buyer, checkout_id))["userErrors"]
        if place == 4:
            some_bought.set()
        return refusals[0]["code"] if refusals else "COMPLETED"

    async def suspend() -> int:
        """How many orders there are as soon as it is known that nobody may buy any more."""
        await some_bought.wait()
        await decide(platform, stall.merchant.id, "SUSPEND")
        number = await number_of_orders(db)
        is_suspended.set()
        return number

    buying = [buy(*each, place) for place, each in enumerate(ready)]
    [at_suspension, *outcomes] = await asyncio.gather(suspend(), *buying)

    counts = Counter(outcomes)
    assert {*counts} == {"COMPLETED", "NOT_FOR_SALE"}
    assert await number_of_orders(db) == at_suspension == counts["COMPLETED"]


async def test_a_purchase_that_meets_the_suspension_waits_for_it_and_is_refused(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    [(buyer, checkout_id)] = await ready_buyers(ask, stall, 1)
    is_locked = asyncio.Event()

    async def buy() -> dict[str, Any]:
        await is_locked.wait()
        return await complete(buyer, checkout_id)

    buying = asyncio.create_task(buy())
    everywhere = grants_of([Permission.MANAGE_MERCHANTS.value], [])
    async with db.transaction() as session:
        await merchants.review(
            session,
            Caller(CallerKind.USER, new_id(), grants=everywhere),
            merchant_id=stall.merchant.id,
            decision=merchants.Decision.SUSPEND,
            reason="Slowly.",
        )
        is_locked.set()
        await asyncio.sleep(0.3)
        is_waiting = not buying.done()
    payload = await buying

    assert is_waiting
    assert [each["code"] for each in payload["userErrors"]] == ["NOT_FOR_SALE"]
    assert await number_of_orders(db) == 0


async def test_what_is_published_while_a_suspension_waits_is_not_listed_after_it(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        person = await make_user(session, platform=("MANAGE_MERCHANTS",))
        platform = ask.as_(await sign_in(session, tokens, person))
        merchant = await make_merchant(session)
    is_published = asyncio.Event()

    async def suspend() -> None:
        await is_published.wait()
        await decide(platform, merchant.id, "SUSPEND")

    suspending = asyncio.create_task(suspend())
    async with db.transaction() as session:
        new = await make_product(session, merchant=merchant, is_published=False)
        await make_variant(session, product=new)
        refused = await catalog.publish_products(session, product_ids=[new.id], currency="USD")
        is_published.set()
        await asyncio.sleep(0.3)
        is_waiting = not suspending.done()
    await suspending

    assert (refused, is_waiting) == ({}, True)
    async with db.transaction() as session:
        row = await session.get_one(Product, new.id)
    assert (row.status, row.is_listed) == ("PUBLISHED", False)


async def test_a_suspension_and_who_publishes_again_do_not_wait_for_one_another(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        person = await make_user(session, platform=("MANAGE_MERCHANTS",))
        platform = ask.as_(await sign_in(session, tokens, person))
        merchant = await make_merchant(session)
        listed = await make_product(session, merchant=merchant)
        await make_variant(session, product=listed)
    is_locked = asyncio.Event()

    async def suspend() -> dict[str, Any]:
        await is_locked.wait()
        return await decide(platform, merchant.id, "SUSPEND")

    suspending = asyncio.create_task(suspend())
    async with db.transaction() as session:
        await session.get_one(Product, listed.id, with_for_update={"key_share": True})
        is_locked.set()
        await asyncio.sleep(0.3)
        await catalog.publish_products(session, product_ids=[listed.id], currency="USD")
    payload = await suspending

    assert payload["merchant"]["status"] == "SUSPENDED"
    async with db.transaction() as session:
        assert not (await session.get_one(Product, listed.id)).is_listed


async def test_nothing_is_published_past_a_suspension(
    db: Database, tokens: Tokens, ask: Ask
) -> None:
    async with db.transaction() as session:
        person = await make_user(session, platform=("MANAGE_MERCHANTS",))
        platform = ask.as_(await sign_in(session, tokens, person))
        merchant = await make_merchant(session)
        category = await make_category(session)
        staff = await make_staff(session, merchant, "MANAGE_PRODUCTS", "MANAGE_PRICES")
        keeper = ask.as_(await sign_in(session, tokens, staff))
        drafts = []
        for _ in range(8):
            draft = await make_product(session, merchant=merchant, is_published=False)
            await make_variant(session, product=draft)
            drafts.append(draft)
    new = {
        "merchantId": encode("merchant", merchant.id),
        "categoryId": encode("category", category.id),
        "name": [{"language": "en", "text": "New"}],
        "variants": [{"sku": "NEW-1", "prices": [{"currency": "USD", "amount": "5"}]}],
    }

    async def make_and_publish() -> None:
        made = (await keeper(CREATE, input=new))["productCreate"]["product"]
        await keeper(PUBLISH, id=made["id"])

    publishing = [keeper(PUBLISH, id=encode("product", draft.id)) for draft in drafts]
    await asyncio.gather(
        *publishing[:4],
        decide(platform, merchant.id, "SUSPEND"),
        *publishing[4:],
        make_and_publish(),
    )

    async with db.transaction() as session:
        listed = select(func.count()).where(Product.merchant_id == merchant.id, Product.is_listed)
        assert await session.scalar(listed) == 0
        assert (await session.get_one(Merchant, merchant.id)).status == "SUSPENDED"
