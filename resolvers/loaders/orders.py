"""Orders by keys."""

from typing import Any, Final

from sqlalchemy import any_, or_, select

from core.identity import Permission
from models.orders import Order, OrderAccess, OrderEvent, OrderGroup, OrderLine
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import CALLER, owned, permitted, permitted_everywhere

# Times that nobody is shown: decoding them costs more than most columns.
ORDER_COLUMNS: Final = [
    column for column in Order.__table__.c if column.name not in {"created_at", "updated_at"}
]


def visible_order() -> Any:
    """Own orders, those a guest proved to know, and those one handles or ships for a merchant."""
    shown = select(OrderAccess.order_id).where(OrderAccess.subject_id == CALLER)
    return or_(
        owned(Order.owner_id),
        permitted(Order.merchant_id, Permission.MANAGE_ORDERS),
        permitted(Order.merchant_id, Permission.MANAGE_SHIPMENTS),
        Order.id.in_(shown),
    )


def visible_group() -> Any:
    """Own purchases; the platform's staff sees all. A merchant sees its order, not the group."""
    return or_(owned(OrderGroup.owner_id), permitted_everywhere(Permission.MANAGE_ORDERS))


GROUPS: Final = Relation(
    select(*OrderGroup.__table__.c).where(OrderGroup.id == any_(KEYS), visible_group()), key="id"
)
GROUPS_OF_CHECKOUTS: Final = Relation(
    select(*OrderGroup.__table__.c).where(OrderGroup.checkout_id == any_(KEYS), visible_group()),
    key="checkout_id",
)
ORDERS: Final = Relation(
    select(*ORDER_COLUMNS).where(Order.id == any_(KEYS), visible_order()), key="id"
)
ORDERS_OF_GROUPS: Final = Relation(
    select(*ORDER_COLUMNS).where(Order.group_id == any_(KEYS), visible_order()).order_by(Order.id),
    key="group_id",
    many=True,
)
LINES_OF_ORDERS: Final = Relation(
    select(*OrderLine.__table__.c, Order.currency)
    .join(Order)
    .where(OrderLine.order_id == any_(KEYS), visible_order())
    .order_by(OrderLine.position, OrderLine.id),
    key="order_id",
    many=True,
)
LINES: Final = Relation(
    select(*OrderLine.__table__.c, Order.currency)
    .join(Order)
    .where(OrderLine.id == any_(KEYS), visible_order()),
    key="id",
)
EVENTS_OF_ORDERS: Final = Relation(
    select(*OrderEvent.__table__.c)
    .join(Order)
    .where(OrderEvent.order_id == any_(KEYS), visible_order())
    .order_by(OrderEvent.id),
    key="order_id",
    many=True,
)
EVENTS: Final = Relation(
    select(*OrderEvent.__table__.c).join(Order).where(OrderEvent.id == any_(KEYS), visible_order()),
    key="id",
)
