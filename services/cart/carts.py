"""Carts as a whole: opening one, and joining a guest's with an account's."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.cart import Cart, CartLine, CartStatus
from services import events
from services.cart.changing import touch
from services.cart.lines import MAX_LINES, MAX_UNITS_PER_LINE


async def open_cart(session: AsyncSession, *, owner_id: UUID, currency: str) -> UUID:
    """The owner's open cart; a new one when there is none. Two tabs get the same one."""
    fresh = (
        insert(Cart)
        .values(id=new_id(), owner_id=owner_id, currency=currency)
        .on_conflict_do_nothing(index_elements=["owner_id"], index_where=text("status = 'OPEN'"))
        .returning(Cart.id)
    )
    created: UUID | None = await session.scalar(fresh)
    if created is not None:
        await events.record(session, events.event("CartCreated", created, version=1))
        return created
    existing: UUID | None = await session.scalar(_open(owner_id))
    assert existing is not None, "the insert met an open cart"
    return existing


async def merge(session: AsyncSession, *, from_owner: UUID, to_owner: UUID) -> None:
    """Move a guest's open cart to an account: units are added up, at most 99 a line.

    A cart that is full keeps its own lines, and takes as many of the guest's as still fit.
    A cart with another currency than the account's open one is left where it is. Locks both carts,
    by id, so that two merges at once are applied one after the other.
    """
    carts = (
        await session.execute(
            select(Cart.id, Cart.owner_id, Cart.currency, Cart.version)
            .where(Cart.owner_id.in_([from_owner, to_owner]), Cart.status == CartStatus.OPEN)
            .order_by(Cart.id)
            .with_for_update()
        )
    ).all()
    source = next((cart for cart in carts if cart.owner_id == from_owner), None)
    target = next((cart for cart in carts if cart.owner_id == to_owner), None)
    if source is None:
        return
    if target is None:
        await session.execute(_change(source.id, owner_id=to_owner))
        await touch(session, source.id)
    elif source.currency == target.currency:
        await _join(session, source, target)


async def _join(session: AsyncSession, source: Any, target: Any) -> None:
    moved = select(
        func.gen_random_uuid(),
        literal(target.id, CartLine.cart_id.type),
        CartLine.variant_id,
        CartLine.merchant_id,
        CartLine.quantity,
        CartLine.unit_price_minor,
    ).where(CartLine.cart_id == source.id)
    names = ["id", "cart_id", "variant_id", "merchant_id", "quantity", "unit_price_minor"]
    upsert = insert(CartLine).from_select(names, moved)
    total = func.least(CartLine.quantity + upsert.excluded.quantity, MAX_UNITS_PER_LINE)
    await session.execute(
        upsert.on_conflict_do_update(
            index_elements=["cart_id", "variant_id"], set_={"quantity": total}
        )
    )
    await session.execute(_change(source.id, status=CartStatus.MERGED.value))
    if await touch(session, target.id) > MAX_LINES:
        await session.execute(_keep_oldest(target.id))


def _open(owner_id: UUID) -> Any:
    return select(Cart.id).where(Cart.owner_id == owner_id, Cart.status == CartStatus.OPEN)


def _keep_oldest(cart_id: UUID) -> Any:
    in_order = select(CartLine.id).where(CartLine.cart_id == cart_id)
    surplus = in_order.order_by(CartLine.created_at, CartLine.id).offset(MAX_LINES)
    return (
        delete(CartLine)
        .where(CartLine.id.in_(surplus))
        .execution_options(synchronize_session=False)
    )


def _change(cart_id: UUID, **values: Any) -> Any:
    return (
        update(Cart)
        .where(Cart.id == cart_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )
