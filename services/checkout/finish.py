"""Ending a checkout: completed into an order group, cancelled, or expired."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Database
from core.errors import DomainError, NotFound, Refusals
from core.identity import Caller
from models.cart import Cart, CartStatus
from models.checkout import (
    Checkout,
    CheckoutDelivery,
    CheckoutLine,
    CheckoutStatus,
    DeliveryMethod,
)
from models.inventory import ReservationStatus
from models.merchants import Merchant, MerchantStatus
from models.orders import OrderGroup
from services import events, idempotency, inventory, orders, selling
from services.cart import NotForSale
from services.checkout.details import check_open, lock
from services.checkout.errors import CartChanged, CheckoutClosed, CheckoutIncomplete
from services.idempotency import Claim

MUTATION = "checkoutComplete"
BATCH = 50


async def complete(
    session: AsyncSession,
    caller: Caller,
    *,
    checkout_id: UUID,
    idempotency_key: str,
    payment_window: timedelta,
) -> UUID:
    """Turn a checkout into one order group, with one order per merchant, awaiting payment.

    A checkout is completed once: another key for a completed one gets the same group. The holds
    live on for the payment window. Locks the cart, with whether its merchants sell, then the
    checkout; moves no stock.

    Raises: NotFound, CheckoutClosed, CheckoutIncomplete, CartChanged, IdempotencyConflict;
    Refusals of NotForSale for what is of merchants who sell no more.
    """
    if caller.subject is None:  # nothing is theirs
        raise NotFound(kind="Checkout", id=checkout_id, path=("checkoutId",))
    claim = Claim(caller.subject, MUTATION, idempotency_key)
    known = await idempotency.begin(session, claim, arguments={"checkout_id": checkout_id})
    if known is not None:
        return UUID(known["group_id"])
    await session.execute(_LOCK_CART, {"checkout": checkout_id})
    checkout = await lock(session, caller, checkout_id)
    if checkout.status == CheckoutStatus.COMPLETED:
        group_id = await _group_of(session, checkout_id)
    else:
        check_open(checkout)
        group_id = await _place(session, checkout, payment_window)
    await idempotency.finish(session, claim, result={"group_id": group_id})
    return group_id


async def _group_of(session: AsyncSession, checkout_id: UUID) -> UUID:
    group_id = await session.scalar(
        select(OrderGroup.id).where(OrderGroup.checkout_id == checkout_id)
    )
    assert group_id is not None, "a completed checkout has its group"
    return group_id


async def _place(session: AsyncSession, checkout: Any, payment_window: timedelta) -> UUID:
    lines = (await session.execute(_LINES, {"checkout": checkout.id})).all()
    _check_sellers(lines)
    deliveries = (await session.execute(_DELIVERIES, {"checkout": checkout.id})).all()
    _check_complete(checkout, lines, deliveries)
    closed = await session.execute(
        update(Cart)
        .where(Cart.id == checkout.cart_id, Cart.version == checkout.cart_version)
        .where(Cart.status == CartStatus.OPEN)
        .values(status=CartStatus.ORDERED.value)
        .returning(Cart.id)
        .execution_options(synchronize_session=False)
    )
    if closed.first() is None:
        raise CartChanged(path=("checkoutId",))
    expires_at = now() + payment_window
    placed = await orders.place(session, checkout, lines, deliveries, expires_at=expires_at)
    await inventory.assign(session, checkout.id, placed.orders, placed.group_id, expires_at)
    await session.execute(
        update(Checkout)
        .where(Checkout.id == checkout.id)
        .values(status=CheckoutStatus.COMPLETED.value, version=Checkout.version + 1)
        .execution_options(synchronize_session=False)
    )
    if placed.total_minor == 0:
        await orders.settle(session, group_id=placed.group_id, paid_minor=0)
    return placed.group_id


def _check_sellers(lines: Sequence[Any]) -> None:
    """Raises: Refusals of NotForSale for what is of merchants who sell no more."""
    refused: list[DomainError] = [
        NotForSale(variant_id=line.variant_id, path=("checkoutId",))
        for line in lines
        if line.merchant_status != MerchantStatus.ACTIVE
    ]
    if refused:
        raise Refusals(refused)


def _check_complete(checkout: Any, lines: Sequence[Any], deliveries: Sequence[Any]) -> None:
    """Raises: CheckoutIncomplete."""
    merchants = {line.merchant_id for line in lines}
    is_set = {
        "email": checkout.email is not None,
        "shippingAddress": checkout.shipping_address is not None,
        "deliveries": merchants == {delivery.merchant_id for delivery in deliveries},
    }
    missing = [name for name, done in is_set.items() if not done]
    if missing:
        raise CheckoutIncomplete(missing=missing, path=("checkoutId",))


async def cancel(session: AsyncSession, caller: Caller, *, checkout_id: UUID) -> None:
    """Give the stock back; cancelling again is a no-op. Locks the checkout, then stock.

    Raises: NotFound, CheckoutClosed when it was completed.
    """
    checkout = await lock(session, caller, checkout_id)
    if checkout.status == CheckoutStatus.COMPLETED:
        raise CheckoutClosed(status=checkout.status, path=("checkoutId",))
    if checkout.status == CheckoutStatus.OPEN:
        await _end(session, [checkout_id], CheckoutStatus.CANCELLED, ReservationStatus.RELEASED)


async def expire_due(db: Database) -> int:
    """End checkouts whose time is over and free their stock; the worker's. How many ended."""
    async with db.transaction() as session:
        due = list(
            await session.scalars(
                select(Checkout.id)
                .where(Checkout.status == CheckoutStatus.OPEN, Checkout.expires_at <= now())
                .order_by(Checkout.expires_at)
                .limit(BATCH)
                .with_for_update(skip_locked=True)
            )
        )
        if due:
            await _end(session, due, CheckoutStatus.EXPIRED, ReservationStatus.EXPIRED)
    return len(due)


async def _end(
    session: AsyncSession,
    checkouts: Sequence[UUID],
    status: CheckoutStatus,
    reservation_status: ReservationStatus,
) -> None:
    await session.execute(
        update(Checkout)
        .where(Checkout.id == any_(bindparam("ids", type_=ARRAY(Checkout.id.type))))
        .values(status=status.value, version=Checkout.version + 1)
        .execution_options(synchronize_session=False),
        {"ids": list(checkouts)},
    )
    await inventory.release(session, checkout_ids=checkouts, status=reservation_status)
    await events.record(
        session, *[events.event("CheckoutEnded", each, status=status) for each in checkouts]
    )


_sellers = (
    select(CheckoutLine.merchant_id)
    .where(CheckoutLine.checkout_id == bindparam("checkout", type_=Uuid()))
    .distinct()
    .order_by(CheckoutLine.merchant_id)
    .subquery("sellers")
)
# With the cart, whether each of its merchants sells: until the end, or once a change has ended.
_LOCK_CART = (
    select(
        Cart.id,
        select(func.count(selling.shared(_sellers.c.merchant_id))).scalar_subquery(),
    )
    .join(Checkout, Checkout.cart_id == Cart.id)
    .where(Checkout.id == bindparam("checkout"))
    .with_for_update(of=Cart)
)
_LINES = (
    select(*CheckoutLine.__table__.c, Merchant.status.label("merchant_status"))
    .join(Merchant, Merchant.id == CheckoutLine.merchant_id)
    .where(CheckoutLine.checkout_id == bindparam("checkout"))
    .order_by(CheckoutLine.created_at, CheckoutLine.id)
)
_DELIVERIES = (
    select(
        CheckoutDelivery.merchant_id,
        CheckoutDelivery.price_minor,
        DeliveryMethod.name,
        DeliveryMethod.carrier_code,
    )
    .join(DeliveryMethod, DeliveryMethod.id == CheckoutDelivery.delivery_method_id)
    .where(CheckoutDelivery.checkout_id == bindparam("checkout"))
)
