"""Carts as a person's own: for a copy of their data, and when they are erased."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.cart import Cart, CartLine
from models.checkout import Checkout
from services.personal import Copy, copied


async def personal_data(session: AsyncSession, user_id: UUID) -> Copy:
    lines = (
        select(
            CartLine.cart_id,
            Cart.status,
            CartLine.variant_id,
            CartLine.quantity,
            CartLine.unit_price_minor,
            Cart.currency,
            CartLine.created_at,
        )
        .join(Cart, Cart.id == CartLine.cart_id)
        .where(Cart.owner_id == user_id)
        .order_by(CartLine.created_at)
    )
    return await copied(session, {"carts": lines})


async def erase_person(session: AsyncSession, *, user_id: UUID) -> None:
    """What they wanted goes; carts that became a checkout stay, empty, for its sake."""
    mine = select(Cart.id).where(Cart.owner_id == user_id)
    await session.execute(delete(CartLine).where(CartLine.cart_id.in_(mine)))
    unused = ~select(Checkout.id).where(Checkout.cart_id == Cart.id).exists()
    await session.execute(delete(Cart).where(Cart.owner_id == user_id, unused))
