"""Orders and money: what a payment needs to know of a group, and what it does to it.

Payments are another group of tables: they speak to orders through these functions only.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import NotFound, Refusals
from core.identity import Caller
from models.orders import (
    GroupStatus,
    Order,
    OrderAccess,
    OrderEventKind,
    OrderGroup,
    OrderStatus,
)
from services import inventory
from services.orders import timeline
from services.orders.errors import NotAllowedInState


class Payable(NamedTuple):
    """What is to be paid: a group's total and each order's part of it."""

    group_id: UUID
    owner_id: UUID
    currency: str
    total_minor: int
    parts: list[tuple[UUID, UUID, int]]  # order id, merchant id, amount


class Settlement(StrEnum):
    """What became of captured money."""

    PAID = "PAID"
    REFUND = "REFUND"  # the orders can't be served any more: give it back


async def begin_payment(
    session: AsyncSession, caller: Caller, *, group_id: UUID, payment_window: timedelta
) -> Payable:
    """A group that the caller may pay now; its holds are given the time that a payment takes.

    Locks the group: it does not expire while a payment starts.

    Raises: NotFound; NotAllowedInState unless it awaits payment.
    """
    mine = select(OrderGroup).where(
        OrderGroup.id == group_id, OrderGroup.owner_id == caller.subject
    )
    group = await session.scalar(mine.with_for_update())
    if group is None:
        raise NotFound(kind="OrderGroup", id=group_id, path=("orderGroupId",))
    if group.status != GroupStatus.PENDING_PAYMENT or group.expires_at <= now():
        state = group.status if group.status != GroupStatus.PENDING_PAYMENT else "EXPIRED"
        raise NotAllowedInState(kind="OrderGroup", state=state, path=("orderGroupId",))
    if not group.is_extended:
        group.expires_at, group.is_extended = now() + payment_window, True
        await session.flush()  # the caller commits, perhaps without another statement
    orders = await session.execute(
        select(Order.id, Order.merchant_id, Order.total_minor)
        .where(Order.group_id == group_id)
        .order_by(Order.id)
    )
    parts = [(row.id, row.merchant_id, row.total_minor) for row in orders]
    return Payable(group_id, group.owner_id, group.currency, group.total_minor, parts)


async def settle(session: AsyncSession, *, group_id: UUID, paid_minor: int) -> Settlement:
    """Mark a group paid and sell it its stock; a group that is paid already stays as it is.

    A payment that came after the group expired is honoured if the goods are there, else it is to
    be given back, and so is one for a cancelled group or of another amount. Locks the group, its
    orders, then stock.
    """
    group = await session.scalar(
        select(OrderGroup).where(OrderGroup.id == group_id).with_for_update()
    )
    if group is None or paid_minor != group.total_minor:
        return Settlement.REFUND
    if group.status == GroupStatus.PAID:
        return Settlement.PAID
    if group.status == GroupStatus.CANCELLED:
        return Settlement.REFUND
    orders = await _locked_orders(session, group_id)
    if group.status == GroupStatus.EXPIRED and not await _hold_again(session, group_id):
        group.status = GroupStatus.CANCELLED  # the money goes back, whatever comes into stock now
        await session.flush()  # the caller commits, perhaps without another statement
        return Settlement.REFUND
    await inventory.commit(session, group_id=group_id)
    before, group.status = group.status, GroupStatus.PAID
    await session.flush()  # the statements below go past the session's own objects
    await session.execute(
        update(Order)
        .where(Order.group_id == group_id)
        .values(status=OrderStatus.PAID.value, paid_at=now(), version=Order.version + 1)
        .execution_options(synchronize_session=False)
    )
    moved = (before, OrderStatus.PAID)
    await timeline.add(session, orders, OrderEventKind.PAID, actor_id=None, moved=moved)
    return Settlement.PAID


async def _locked_orders(session: AsyncSession, group_id: UUID) -> dict[UUID, UUID]:
    """Order id -> merchant id."""
    of_group = select(Order.id, Order.merchant_id).where(Order.group_id == group_id)
    rows = await session.execute(of_group.order_by(Order.id).with_for_update())
    return {row.id: row.merchant_id for row in rows}


async def _hold_again(session: AsyncSession, group_id: UUID) -> bool:
    try:
        await inventory.hold_again(session, group_id=group_id, expires_at=now())
    except Refusals:  # nothing was written yet: the locks stay, the transaction goes on
        return False
    return True


async def record_refund(session: AsyncSession, *, order_id: UUID, refunded_minor: int) -> None:
    """Tell an order how much of it has been given back in all; the same again is a no-op."""
    changed = await session.execute(
        update(Order)
        .where(Order.id == order_id, Order.refunded_minor < refunded_minor)
        .values(refunded_minor=refunded_minor, version=Order.version + 1)
        .returning(Order.merchant_id)
        .execution_options(synchronize_session=False)
    )
    row = changed.first()
    if row is not None:
        await timeline.add(
            session,
            {order_id: row.merchant_id},
            OrderEventKind.REFUNDED,
            actor_id=None,
            facts={"refunded_minor": refunded_minor},
        )


def visible_to(caller: Caller) -> Any:
    """Orders that a shopper may see: own ones, and those a guest proved to know."""
    shown = select(OrderAccess.order_id).where(OrderAccess.subject_id == caller.subject)
    return (Order.owner_id == caller.subject) | Order.id.in_(shown)
