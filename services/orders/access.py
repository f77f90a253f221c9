"""Who else may see an order: whoever knows it, an account that takes a guest's things."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from models.checkout import Checkout
from models.orders import Order, OrderAccess, OrderGroup
from services import audit, events


async def grant(session: AsyncSession, *, subject: UUID, number: str, proof: str) -> UUID:
    """Let a guest or user see one more order. proof: the e-mail address it was ordered with.

    Raises: NotFound, the same whether the number or the proof is wrong.
    """
    found = await session.execute(
        select(Order.id, Order.merchant_id).where(
            Order.number == number.strip().upper(), Order.email == func.lower(proof.strip())
        )
    )
    order = found.first()
    if order is None:
        raise NotFound(kind="Order", path=("number",))
    row = {"subject_id": subject, "order_id": order.id}
    await session.execute(insert(OrderAccess).values(row).on_conflict_do_nothing())
    shown = audit.entry(
        "ORDER_ACCESS_GRANTED",
        "Order",
        order.id,
        merchant_id=order.merchant_id,
        after={"subject_id": subject.hex},
    )
    await audit.record(session, shown)
    order_id: UUID = order.id
    return order_id


async def take_over(session: AsyncSession, *, from_owner: UUID, to_owner: UUID) -> None:
    """Give a guest's checkouts and orders to an account.

    Payments and parcels hear of it from the event: they are other groups of tables.
    """
    for table in (Checkout, OrderGroup, Order):
        await session.execute(
            update(table)
            .where(table.owner_id == from_owner)
            .values(owner_id=to_owner)
            .execution_options(synchronize_session=False)
        )
    await events.record(
        session, events.event("OrdersTakenOver", to_owner, from_owner=from_owner.hex)
    )
    facts = {"from_owner": from_owner.hex}
    await audit.record(session, audit.entry("ORDERS_TAKEN_OVER", "User", to_owner, after=facts))
