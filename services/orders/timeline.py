"""The timeline of orders: what happened, for shoppers and staff, the outbox and the audit log."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.orders import OrderEvent, OrderEventKind
from services import audit, events

SAID: Final = "reason"  # the fact that is anybody's words: shown in the timeline, and erasable


async def add(
    session: AsyncSession,
    orders: Mapping[UUID, UUID],
    kind: OrderEventKind,
    *,
    actor_id: UUID | None,
    facts: dict[str, Any] | None = None,
    moved: tuple[str, str] | None = None,
) -> None:
    """The same entry for each of the orders, whose rows the caller has locked: three statements.

    orders: order id -> merchant id. moved: the status until then, and the one from then on.
    """
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
    told = dict(facts or {})
    said = {SAID: words} if (words := told.pop(SAID, "")) else None
    before, after = moved or (None, None)
    changed = told | ({"status": after} if after else {})
    name = f"Order{kind.value.title().replace('_', '')}"
    await events.record(session, *[events.event(name, each, **told) for each in orders])
    await audit.record(
        session,
        *[
            audit.entry(
                f"ORDER_{kind.value}",
                "Order",
                order_id,
                merchant_id=merchant_id,
                before={"status": before} if before else None,
                after=changed or None,
                person=said,
            )
            for order_id, merchant_id in orders.items()
        ],
    )
