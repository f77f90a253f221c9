"""Many buyers at once: no unit is sold twice, and nobody waits in a circle."""

import asyncio
import random
from collections import Counter
from typing import Any

from sqlalchemy import func, select

from core.db import Database
from models.inventory import StockLevel, StockMovement
from tests.asking import Ask
from tests.factories.shops import make_stall
from tests.shopping import CHECKOUT_CREATE, new_key, start_cart


async def attempt(ask: Ask, cart_id: str) -> str:
    """CREATED, or the code of the refusal."""
    details = {"cartId": cart_id, "idempotencyKey": new_key()}
    payload = (await ask(CHECKOUT_CREATE, input=details))["checkoutCreate"]
    refusals: list[Any] = payload["userErrors"]
    return refusals[0]["code"] if refusals else "CREATED"


async def test_the_last_unit_wanted_by_fifty_checkouts_at_once_has_one_winner(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=1)
    carts = [await start_cart(ask, stall) for _ in range(50)]

    outcomes = Counter(await asyncio.gather(*[attempt(*each) for each in carts]))

    assert outcomes == {"CREATED": 1, "OUT_OF_STOCK": 49}
    async with db.transaction() as session:
        level = (await session.scalars(select(StockLevel))).one()
    assert (level.on_hand, level.reserved, level.available) == (1, 1, 0)


async def test_carts_of_the_same_articles_in_other_orders_do_not_wait_in_a_circle(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        stalls = [await make_stall(session, stock=90) for _ in range(5)]
    carts = [await start_cart(ask, *random.sample(stalls, 5)) for _ in range(20)]

    outcomes = Counter(await asyncio.gather(*[attempt(*each) for each in carts]))

    assert outcomes == {"CREATED": 20}
    async with db.transaction() as session:
        reserved = (await session.scalars(select(StockLevel.reserved))).all()
        moved = await session.scalar(select(func.sum(StockMovement.reserved_delta)))
    assert reserved == [20] * 5
    assert moved == 100


async def test_buyers_of_other_articles_pass_while_one_article_is_fought_for(
    db: Database, ask: Ask
) -> None:
    async with db.transaction() as session:
        hot, quiet = await make_stall(session, stock=60), await make_stall(session)
    crowd = [await start_cart(ask, hot) for _ in range(60)]
    buyer, cart_id = await start_cart(ask, quiet)
    finished: list[str] = []

    async def buy(name: str, asks: Ask, cart: str) -> None:
        await attempt(asks, cart)
        finished.append(name)

    await asyncio.gather(*[buy("hot", *each) for each in crowd], buy("quiet", buyer, cart_id))

    assert finished.index("quiet") < 30
