"""Orders as a person's own: for a copy of their data, and when they are erased.

What stays of an order is what tax law wants of an invoice (number, date, goods, amounts, taxes) and
the country and region it was delivered to, which decide about the tax. Name, street, place, postal
code, telephone number, e-mail address and purchase order number go, and why it was cancelled.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, case, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from core.db import Statement
from models.checkout import Checkout, CheckoutStatus
from models.orders import Order, OrderAccess, OrderEvent, OrderGroup, OrderLine, OrderStatus
from services import audit
from services.orders.timeline import SAID
from services.personal import Copy, copied

UNDER_WAY: Final = (
    OrderStatus.PENDING_PAYMENT,
    OrderStatus.PAID,
    OrderStatus.CONFIRMED,
    OrderStatus.PARTIALLY_SHIPPED,
    OrderStatus.SHIPPED,
)
KEPT_PARTS: Final = ("country", "region")


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    """Orders with their lines, and checkouts; the newest first."""
    mine: dict[str, Statement] = {
        "orders": select(*Order.__table__.c)
        .where(Order.owner_id == user_id)
        .order_by(Order.placed_at.desc()),
        "order_lines": select(Order.number, *OrderLine.__table__.c)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.owner_id == user_id)
        .order_by(Order.placed_at.desc(), OrderLine.position),
        "checkouts": select(*Checkout.__table__.c).where(Checkout.owner_id == user_id),
    }
    return await copied(session, mine)


async def has_under_way(session: AsyncSession, user_id: UUID) -> bool:
    """Whether something of the user is still to be paid, sent or delivered, or held for them."""
    order = select(Order.id).where(Order.owner_id == user_id, Order.status.in_(UNDER_WAY))
    checkout = select(Checkout.id).where(
        Checkout.owner_id == user_id, Checkout.status == CheckoutStatus.OPEN
    )
    found = await session.scalar(select(or_(order.exists(), checkout.exists())))
    return bool(found)


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    await session.execute(
        update(Order)
        .where(Order.owner_id == user_id)
        .values(
            email="",
            purchase_order_number="",
            shipping_address=_without_person(Order.shipping_address),
            billing_address=_without_person(Order.billing_address),
        )
    )
    await session.execute(update(OrderGroup).where(OrderGroup.owner_id == user_id).values(email=""))
    await session.execute(
        update(Checkout)
        .where(Checkout.owner_id == user_id)
        .values(email=None, shipping_address=None, billing_address=None, purchase_order_number="")
    )
    await session.execute(delete(OrderAccess).where(OrderAccess.subject_id == user_id))
    theirs = select(Order.id).where(Order.owner_id == user_id)
    await session.execute(
        update(OrderEvent)
        .where(OrderEvent.order_id.in_(theirs), OrderEvent.facts.has_key(SAID))
        .values(facts=OrderEvent.facts.op("-")(literal(SAID, Text())))
    )
    await audit.erase_words(session, user_id, objects=theirs)


def _without_person(address: Any) -> Any:
    """Every part that is not kept becomes an empty text."""
    part = func.jsonb_each_text(address).table_valued("key", "value")
    kept = case((part.c.key.in_(KEPT_PARTS), part.c.value), else_="")
    return select(
        func.coalesce(
            func.jsonb_object_agg(part.c.key, kept, type_=JSONB), func.jsonb_build_object()
        )
    ).scalar_subquery()
