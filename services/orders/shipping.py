"""Orders and parcels: what a shipment needs to know of an order, and what it does to it.

Shipments are another group of tables: they speak to orders through these functions only. Each of
them is idempotent per shipment, because a worker repeats it when its caller died.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, NotFound
from models.orders import Order, OrderEvent, OrderEventKind, OrderLine, OrderStatus
from services import inventory
from services.orders import states, timeline
from services.orders.errors import NotAllowedInState


class ShippableLine(NamedTuple):
    variant_id: UUID
    remaining: int


class ShippableOrder(NamedTuple):
    """phone_digits: the last four of the recipient's; lines: order line id -> what is left."""

    order_id: UUID
    merchant_id: UUID
    owner_id: UUID
    carrier_code: str
    phone_digits: str
    lines: dict[UUID, ShippableLine]


async def shippable(
    session: AsyncSession, *, order_id: UUID, merchants: Sequence[UUID] | None
) -> ShippableOrder:
    """An order of one of these merchants (None: of any) that may be shipped now.

    Raises: NotFound; NotAllowedInState unless it is paid and something is left to ship.
    """
    order = await session.get(Order, order_id)
    if order is None or (merchants is not None and order.merchant_id not in merchants):
        raise NotFound(kind="Order", id=order_id, path=("orderId",))
    if order.status not in states.SHIPPABLE:
        raise NotAllowedInState(kind="Order", state=order.status, path=("orderId",))
    lines = await session.execute(
        select(
            OrderLine.id,
            OrderLine.variant_id,
            (OrderLine.quantity - OrderLine.quantity_shipped).label("remaining"),
        ).where(OrderLine.order_id == order_id)
    )
    phone = "".join(filter(str.isdigit, order.shipping_address.get("phone") or ""))
    return ShippableOrder(
        order_id=order_id,
        merchant_id=order.merchant_id,
        owner_id=order.owner_id,
        carrier_code=order.carrier_code,
        phone_digits=phone[-4:],
        lines={row.id: ShippableLine(row.variant_id, row.remaining) for row in lines},
    )


async def mark_shipped(
    session: AsyncSession,
    *,
    order_id: UUID,
    shipment_id: UUID,
    lines: Mapping[UUID, int],
    actor_id: UUID | None,
) -> None:
    """Take a shipment's units out of the warehouse and move the order on; once per shipment.

    lines: order line id -> units. Locks the order, then stock.

    Raises: NotAllowedInState; InvalidInput for more units than are left.
    """
    order = await _locked(session, order_id)
    if await _was_told(session, order_id, OrderEventKind.SHIPPED, shipment_id):
        return
    if order.status not in states.SHIPPABLE:
        raise NotAllowedInState(kind="Order", state=order.status, path=("orderId",))
    found = await session.execute(select(*OrderLine.__table__.c).where(_IS_OF_ORDER), _of(order_id))
    rows = found.all()
    for row in rows:
        if row.quantity_shipped + lines.get(row.id, 0) > row.quantity:
            raise InvalidInput(problem="More is shipped than was ordered.", path=("lines",))
    await session.execute(
        _ADD_SHIPPED, {"ids": list(lines), "units": list(lines.values()), **_of(order_id)}
    )
    left = sum(row.quantity - row.quantity_shipped for row in rows) - sum(lines.values())
    status = OrderStatus.PARTIALLY_SHIPPED if left else OrderStatus.SHIPPED
    await _move(session, order, status)
    facts = {"shipment_id": shipment_id.hex}
    await timeline.add(
        session,
        {order_id: order.merchant_id},
        OrderEventKind.SHIPPED,
        actor_id=actor_id,
        facts=facts,
        moved=(order.status, status),
    )
    await inventory.ship(
        session,
        order_id=order_id,
        shipped_before={row.variant_id: row.quantity_shipped for row in rows},
        now_shipped={row.variant_id: lines.get(row.id, 0) for row in rows},
        reference_id=shipment_id,
        actor_id=actor_id,
    )


async def mark_delivered(
    session: AsyncSession, *, order_id: UUID, shipment_id: UUID, is_last: bool
) -> None:
    """Note that a shipment arrived; `is_last`: nothing of the order is on its way any more.

    Once per shipment. The order is DELIVERED when all its units were shipped and have arrived.
    Locks the order.
    """
    order = await _locked(session, order_id)
    if await _was_told(session, order_id, OrderEventKind.DELIVERED, shipment_id):
        return
    facts = {"shipment_id": shipment_id.hex}
    is_done = is_last and order.status == OrderStatus.SHIPPED
    await timeline.add(
        session,
        {order_id: order.merchant_id},
        OrderEventKind.DELIVERED,
        actor_id=None,
        facts=facts,
        moved=(order.status, OrderStatus.DELIVERED) if is_done else None,
    )
    if is_done:
        await _move(session, order, OrderStatus.DELIVERED)


async def _locked(session: AsyncSession, order_id: UUID) -> Any:
    locked = select(*Order.__table__.c).where(Order.id == order_id).with_for_update()
    order = (await session.execute(locked)).first()
    if order is None:
        raise NotFound(kind="Order", id=order_id, path=("orderId",))
    return order


async def _was_told(
    session: AsyncSession, order_id: UUID, kind: OrderEventKind, shipment_id: UUID
) -> bool:
    told = select(OrderEvent.id).where(
        OrderEvent.order_id == order_id,
        OrderEvent.kind == kind,
        OrderEvent.facts["shipment_id"].astext == shipment_id.hex,
    )
    return (await session.execute(told)).first() is not None


async def _move(session: AsyncSession, order: Any, status: OrderStatus) -> None:
    await session.execute(
        update(Order)
        .where(Order.id == order.id)
        .values(status=status.value, version=Order.version + 1)
        .execution_options(synchronize_session=False)
    )


def _of(order_id: UUID) -> dict[str, UUID]:
    return {"order": order_id}


_IS_OF_ORDER = OrderLine.order_id == bindparam("order", type_=Uuid())
_SHIPPED = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("units", type_=ARRAY(Integer())))
    .table_valued("id", "units")
    .render_derived(name="shipped")
)
_ADD_SHIPPED = (
    update(OrderLine)
    .where(OrderLine.id == _SHIPPED.c.id, _IS_OF_ORDER)
    .values(quantity_shipped=OrderLine.quantity_shipped + _SHIPPED.c.units)
    .execution_options(synchronize_session=False)
)
