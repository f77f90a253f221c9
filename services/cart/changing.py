"""A cart while it is changed: locked, and its changes counted and recorded."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.db import Query, run
from core.errors import NotFound, VersionConflict
from core.identity import Caller
from models.cart import Cart, CartLine, CartStatus
from services import events


class LockedCart(NamedTuple):
    """A cart that nobody else changes until the transaction ends."""

    id: UUID
    owner_id: UUID
    currency: str
    version: int


async def lock_cart(
    session: AsyncSession, caller: Caller, cart_id: UUID, expected_version: int | None = None
) -> LockedCart:
    """The caller's open cart; locked until the transaction ends.

    Raises: NotFound, VersionConflict.
    """
    rows = await run(session, _LOCK, cart=cart_id, owner=caller.subject)
    if not rows:
        raise NotFound(kind="Cart", id=cart_id, path=("cartId",))
    cart = LockedCart(**rows[0])
    if expected_version is not None and expected_version != cart.version:
        raise VersionConflict(current_version=cart.version, path=("expectedVersion",))
    return cart


async def touch(session: AsyncSession, cart_id: UUID) -> int:
    """Count a change of a locked cart, record it, and tell how many lines it has now."""
    [changed] = await run(session, _TOUCH, cart=cart_id, moment=now())
    await events.record(session, events.event("CartChanged", cart_id, version=changed["version"]))
    return int(changed["lines"])


_CART = bindparam("cart", type_=Uuid())
_LOCK = Query(
    select(Cart.id, Cart.owner_id, Cart.currency, Cart.version)
    .where(
        Cart.id == _CART,
        Cart.owner_id == bindparam("owner", type_=Uuid()),
        Cart.status == CartStatus.OPEN,
    )
    .with_for_update()
)
_number_of_lines = select(func.count()).where(CartLine.cart_id == _CART).scalar_subquery()
_TOUCH = Query(
    update(Cart)
    .where(Cart.id == _CART)
    .values(version=Cart.version + 1, updated_at=bindparam("moment", type_=DateTime(timezone=True)))
    .returning(Cart.version, _number_of_lines.label("lines"))
)
