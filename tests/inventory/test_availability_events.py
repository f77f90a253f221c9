"""The outbox hears when a level runs out or has something again, and only then."""

import pytest
from sqlalchemy import select

from core.db import Database, counted
from models.inventory import MovementKind
from models.outbox import OutboxEvent
from services.inventory import levels
from services.inventory.levels import Change
from tests.factories.shops import Stall, make_stall


async def apply(db: Database, *changes: Change) -> int:
    """How many statements it took."""
    async with db.transaction() as session:
        with counted() as statements:
            await levels.apply(session, changes, kind=MovementKind.ADJUSTMENT)
    return len(statements)


async def heard(db: Database) -> list[object]:
    async with db.transaction() as session:
        about = select(OutboxEvent.object_id).where(OutboxEvent.kind == "AvailabilityChanged")
        return list(await session.scalars(about.order_by(OutboxEvent.id)))


def of(stall: Stall, **units: int) -> Change:
    return Change(stall.warehouse.id, stall.variant.id, stall.merchant.id, **units)


@pytest.mark.parametrize(
    ("units", "is_heard"),
    [
        ({"on_hand": -2}, True),
        ({"reserved": 2}, True),
        ({"on_hand": -1}, False),
        ({"on_hand": 5}, False),
        ({"on_hand": 3, "reserved": 5}, True),
        ({"reserved": 1, "allocated": 1}, True),
    ],
)
async def test_of_two_units(db: Database, units: dict[str, int], is_heard: bool) -> None:
    async with db.transaction() as session:
        stall, other = await make_stall(session, stock=2), await make_stall(session, stock=2)

    statements = await apply(db, of(stall, **units), of(other, on_hand=1))

    assert await heard(db) == ([stall.variant.id] if is_heard else [])
    assert statements == 3 + is_heard


async def test_something_again(db: Database) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session, stock=0)

    await apply(db, of(stall, on_hand=1))
    await apply(db, of(stall, on_hand=1))

    assert await heard(db) == [stall.variant.id]
