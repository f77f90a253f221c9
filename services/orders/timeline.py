"""The timeline of orders: what happened, for shoppers and staff; and the event for the outbox."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.orders import OrderEvent, OrderEventKind
from services import events


async def add(
    session: AsyncSession,
    orders: Sequence[UUID],
    kind: OrderEventKind,
    *,
    actor_id: UUID | None,
    facts: dict[str, Any] | None = None,
) -> None:
    """The same entry for each of the orders, whose rows the caller has locked: two statements."""
    rows = [
        {
            "id": new_id(),
            "order_id": order_id,
            "kind": kind.value,
            "facts": facts or {},
            "actor_id": actor_id,
        }
        for order_id in orders
    ]
    await session.execute(insert(OrderEvent), rows)
    name = f"Order{kind.value.title().replace('_', '')}"
    await events.record(session, *[events.event(name, each, **(facts or {})) for each in orders])
