"""What was sold: units of products in orders that were paid and not cancelled."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.orders import Order, OrderLine, OrderStatus

_IDS: Final = bindparam("ids", type_=ARRAY(Uuid()))
_SOLD: Final = (
    select(OrderLine.product_id, func.sum(OrderLine.quantity).label("units"))
    .join(Order, Order.id == OrderLine.order_id)
    .where(
        OrderLine.product_id == any_(_IDS),
        Order.paid_at.is_not(None),
        Order.status != OrderStatus.CANCELLED,
    )
    .group_by(OrderLine.product_id)
)
_PRODUCTS: Final = select(OrderLine.product_id).where(OrderLine.order_id == any_(_IDS)).distinct()


async def units_sold(session: AsyncSession, product_ids: Collection[UUID]) -> dict[UUID, int]:
    """Product -> units; those without a sale are left out. One statement."""
    found = await session.execute(_SOLD, {"ids": list(product_ids)})
    return {row.product_id: row.units for row in found}


async def products_of_orders(session: AsyncSession, order_ids: Collection[UUID]) -> list[UUID]:
    return list(await session.scalars(_PRODUCTS, {"ids": list(order_ids)}))
