"""What merchants and shoppers do with orders: confirm, cancel; and what time does: expire."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Uuid,
    any_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.errors import InvalidInput, NotFound, VersionConflict
from core.identity import Caller, Permission
from models.inventory import ReservationStatus
from models.orders import GroupStatus, Order, OrderEventKind, OrderGroup, OrderStatus
from services import idempotency, inventory
from services.idempotency import Claim
from services.orders import states, timeline
from services.orders.payment import visible_to

MAX_REASON = 500
BATCH = 50
CANCEL = "orderCancel"
BeingPaid = Callable[[Sequence[UUID]], Awaitable[Collection[UUID]]]


async def confirm(
    session: AsyncSession,
    caller: Caller,
    *,
    order_id: UUID,
    expected_version: int | None = None,
) -> None:
    """Staff takes a paid order on; confirming again is a no-op. Locks the order.

    Raises: NotFound, NotAllowedInState, VersionConflict.
    """
    order = await _lock(session, order_id, _is_staffs(caller))
    if order.status == OrderStatus.CONFIRMED:
        return
    if expected_version is not None and expected_version != order.version:
        raise VersionConflict(current_version=order.version, path=("expectedVersion",))
    states.require(order.status, OrderStatus.CONFIRMED)
    await _move(session, [order_id], OrderStatus.CONFIRMED)
    await timeline.add(
        session,
        {order_id: order.merchant_id},
        OrderEventKind.CONFIRMED,
        actor_id=caller.subject,
        moved=(order.status, OrderStatus.CONFIRMED),
    )


async def cancel(
    session: AsyncSession,
    caller: Caller,
    *,
    order_id: UUID,
    idempotency_key: str,
    reason: str = "",
) -> None:
    """Cancel before anything was shipped: the stock is free again, what was paid goes back.

    An unpaid order takes its whole group along: it would be paid together. The refund is asked
    for by whoever hears the event OrderCancelled. Locks the group, the orders, then stock.

    Raises: NotFound, NotAllowedInState, InvalidInput, IdempotencyConflict.
    """
    if len(reason) > MAX_REASON:
        raise InvalidInput(problem=f"At most {MAX_REASON} characters.", path=("reason",))
    if caller.subject is None:  # nothing is theirs
        raise NotFound(kind="Order", id=order_id, path=("orderId",))
    claim = Claim(caller.subject, CANCEL, idempotency_key)
    arguments = {"order_id": order_id, "reason": reason}
    if await idempotency.begin(session, claim, arguments=arguments) is not None:
        return
    await session.execute(_LOCK_GROUP, {"order": order_id})
    allowed = or_(visible_to(caller), _is_staffs(caller))
    order = await _lock(session, order_id, allowed)
    if order.status != OrderStatus.CANCELLED:
        states.require(order.status, OrderStatus.CANCELLED)
        if order.status == OrderStatus.PENDING_PAYMENT:
            await _end_groups(session, [order.group_id], GroupStatus.CANCELLED, caller.subject)
        else:
            await _cancel_paid(session, order, caller, reason)
    await idempotency.finish(session, claim, result={"order_id": order_id})


async def _cancel_paid(session: AsyncSession, order: Any, caller: Caller, reason: str) -> None:
    await _move(session, [order.id], OrderStatus.CANCELLED)
    facts = {"reason": reason, "paid_minor": order.total_minor}
    await timeline.add(
        session,
        {order.id: order.merchant_id},
        OrderEventKind.CANCELLED,
        actor_id=caller.subject,
        facts=facts,
        moved=(order.status, OrderStatus.CANCELLED),
    )
    await inventory.cancel(session, order_id=order.id, actor_id=caller.subject)


async def expire_due(db: Database, *, being_paid: BeingPaid, size: int = BATCH) -> int:
    """End unpaid groups whose time is over and free their stock; the worker's. How many ended.

    being_paid: tells which of some groups have an attempt whose outcome nobody knows yet; those
    keep their stock, and do not hold up the groups behind them.
    """
    wanted = await _unpaid(db, being_paid, size)
    if not wanted:
        return 0
    async with db.transaction() as session:
        still = select(OrderGroup.id).where(
            OrderGroup.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            OrderGroup.status == GroupStatus.PENDING_PAYMENT,
            OrderGroup.expires_at <= now(),
        )
        locked = still.order_by(OrderGroup.id).with_for_update(skip_locked=True)
        groups = list(await session.scalars(locked, {"ids": wanted}))
        if groups:
            await _end_groups(session, groups, GroupStatus.EXPIRED, None)
    return len(groups)


async def _unpaid(db: Database, being_paid: BeingPaid, size: int) -> list[UUID]:
    """The next groups whose time is over and that nobody is paying; [] when there are none."""
    last = {"time": datetime.min.replace(tzinfo=UTC), "id": UUID(int=0)}
    while True:
        async with db.transaction() as session:
            due = (await session.execute(_DUE, last | {"size": size})).all()
        if not due:
            return []
        groups = [row.id for row in due]
        paying = await being_paid(groups)
        wanted = [group for group in groups if group not in paying]
        if wanted:
            return wanted
        last = {"time": due[-1].expires_at, "id": due[-1].id}


async def _end_groups(
    session: AsyncSession, groups: Sequence[UUID], status: GroupStatus, actor_id: UUID | None
) -> None:
    """CANCELLED or EXPIRED: unpaid groups with all their orders; the caller has locked them."""
    await session.execute(
        update(OrderGroup)
        .where(OrderGroup.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
        .values(status=status.value)
        .execution_options(synchronize_session=False),
        {"ids": list(groups)},
    )
    ended = await session.execute(
        select(Order.id, Order.merchant_id, OrderGroup.checkout_id)
        .join(OrderGroup, OrderGroup.id == Order.group_id)
        .where(OrderGroup.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
        .order_by(Order.id)
        .with_for_update(of=Order),
        {"ids": list(groups)},
    )
    rows = ended.all()
    orders = {row.id: row.merchant_id for row in rows}
    await _move(session, [*orders], OrderStatus(status.value))
    await timeline.add(
        session,
        orders,
        OrderEventKind(status.value),
        actor_id=actor_id,
        facts={"paid_minor": 0},
        moved=(OrderStatus.PENDING_PAYMENT, status.value),
    )
    is_cancelled = status is GroupStatus.CANCELLED
    await inventory.release(
        session,
        checkout_ids=[row.checkout_id for row in rows],
        status=ReservationStatus.RELEASED if is_cancelled else ReservationStatus.EXPIRED,
    )


async def _lock(session: AsyncSession, order_id: UUID, allowed: Any) -> Any:
    found = select(*Order.__table__.c).where(Order.id == order_id, allowed).with_for_update()
    order = (await session.execute(found)).first()
    if order is None:
        raise NotFound(kind="Order", id=order_id, path=("orderId",))
    return order


def _is_staffs(caller: Caller) -> Any:
    merchants = caller.merchants(Permission.MANAGE_ORDERS)
    if merchants is None:
        return Order.id.is_not(None)
    return Order.merchant_id.in_(merchants)


async def _move(session: AsyncSession, orders: Sequence[UUID], status: OrderStatus) -> None:
    values: dict[str, Any] = {"status": status.value, "version": Order.version + 1}
    if status is OrderStatus.CANCELLED:
        values["cancelled_at"] = now()
    await session.execute(
        update(Order)
        .where(Order.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
        .values(values)
        .execution_options(synchronize_session=False),
        {"ids": list(orders)},
    )


_LOCK_GROUP = (
    select(OrderGroup.id)
    .join(Order, Order.group_id == OrderGroup.id)
    .where(Order.id == bindparam("order", type_=Uuid()))
    .with_for_update(of=OrderGroup)
)
_DUE = (
    select(OrderGroup.id, OrderGroup.expires_at)
    .where(
        OrderGroup.status == GroupStatus.PENDING_PAYMENT,
        OrderGroup.expires_at <= func.now(),
        tuple_(OrderGroup.expires_at, OrderGroup.id)
        > tuple_(bindparam("time", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid())),
    )
    .order_by(OrderGroup.expires_at, OrderGroup.id)
    .limit(bindparam("size", type_=Integer()))
)
