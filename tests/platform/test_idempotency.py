"""Keys that make a mutation happen once, whoever sends it again and whenever."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from core.db import Database
from core.errors import DomainError, IdempotencyConflict, InvalidInput
from core.ids import new_id
from models.merchants import Merchant
from models.platform import IdempotencyKey
from services import idempotency, platform
from tests.factories.merchants import make_merchant

CALLER = UUID(int=1)


async def pay(
    db: Database, key: str = "k", *, amount: int = 5, caller: UUID = CALLER, fails: bool = False
) -> Any:
    """A mutation that makes a merchant, once per key; the id it led to."""
    claim = idempotency.Claim(caller, "pay", key)
    async with db.transaction() as session:
        earlier = await idempotency.begin(session, claim, arguments={"amount": amount})
        if earlier is not None:
            return UUID(earlier["made"])
        made = (await make_merchant(session)).id
        await asyncio.sleep(0.05)
        if fails:
            raise InvalidInput(problem="No.")
        await idempotency.finish(session, claim, result={"made": made})
        return made


async def merchants(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Merchant)) or 0


async def test_the_same_again_gives_what_the_first_one_led_to(db: Database) -> None:
    first = await pay(db)

    again = await pay(db)

    assert again == first
    assert await merchants(db) == 1


async def test_twenty_at_once_are_done_once(db: Database) -> None:
    made = await asyncio.gather(*(pay(db) for _ in range(20)))

    assert len(set(made)) == 1
    assert await merchants(db) == 1


async def test_another_input_is_refused(db: Database) -> None:
    await pay(db)

    with pytest.raises(IdempotencyConflict):
        await pay(db, amount=6)

    assert await merchants(db) == 1


async def test_a_refusal_is_not_remembered(db: Database) -> None:
    with pytest.raises(DomainError):
        await pay(db, fails=True)

    await pay(db)

    assert await merchants(db) == 1


async def test_keys_belong_to_their_caller(db: Database) -> None:
    first = await pay(db)

    other = await pay(db, caller=new_id(), amount=7)

    assert other != first
    assert await merchants(db) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x00b", "two\nlines"])
async def test_a_key_that_can_not_be_kept_is_refused(db: Database, key: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await pay(db, key)

    assert refused.value.path == ("idempotencyKey",)
    assert await merchants(db) == 0


async def test_keys_are_forgotten_after_thirty_days(db: Database) -> None:
    await pay(db, "old")
    await pay(db, "new")
    async with db.transaction() as session:
        await session.execute(
            text(
                "UPDATE idempotency_keys SET created_at = now() - interval '30 days 1 second'"
                " WHERE key = 'old'"
            )
        )

    gone = await platform.forget_old_keys(db)

    async with db.transaction() as session:
        left = list(await session.scalars(select(IdempotencyKey.key)))
    assert (gone, left) == (1, ["new"])
