"""Beginning a checkout: the cart's lines are frozen with their prices, and their stock is held."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import Caller
from core.ids import new_id
from models.cart import Cart, CartLine
from models.catalog import Product, ProductMedia, Variant
from models.checkout import Checkout, CheckoutLine, CheckoutStatus
from models.merchants import Merchant, MerchantStatus
from models.orders import GroupStatus, OrderGroup
from models.pricing import VariantPrice
from services import cart, events, idempotency, inventory
from services.cart import NotForSale
from services.checkout.errors import PriceChanged, TooManyHolds
from services.idempotency import Claim

MUTATION = "checkoutCreate"
MAX_UNPAID = 5  # purchases of one shopper that hold stock while nobody pays


async def variants_of_cart(session: AsyncSession, caller: Caller, cart_id: UUID) -> list[UUID]:
    """What the cart wants, without a lock: before which turnstiles to queue."""
    mine = (
        select(CartLine.variant_id)
        .join(Cart, Cart.id == CartLine.cart_id)
        .where(Cart.id == cart_id, Cart.owner_id == caller.subject)
    )
    return list(await session.scalars(mine))


async def create(
    session: AsyncSession,
    caller: Caller,
    *,
    cart_id: UUID,
    idempotency_key: str,
    hold: timedelta,
) -> UUID:
    """Freeze the caller's cart into a checkout and hold its stock for a while.

    A checkout that the cart had before is cancelled and its stock goes to the new one. Locks the
    cart, then the earlier checkout, then stock.

    Raises: NotFound, InvalidInput (empty cart), TooManyHolds, Refusals of PriceChanged,
    NotForSale or OutOfStock, IdempotencyConflict.
    """
    if caller.subject is None:  # nothing is theirs
        raise NotFound(kind="Cart", id=cart_id, path=("cartId",))
    claim = Claim(caller.subject, MUTATION, idempotency_key)
    known = await idempotency.begin(session, claim, arguments={"cart_id": cart_id})
    if known is not None:
        return UUID(known["checkout_id"])
    locked = await cart.lock_cart(session, caller, cart_id)
    lines = (await session.execute(_LINES, {"cart": cart_id, "currency": locked.currency})).all()
    _check(lines, locked.currency)
    await _check_holds(session, caller)
    earlier = await _cancel_earlier(session, cart_id)
    checkout_id = await _freeze(session, locked, lines, hold)
    await inventory.reserve(
        session,
        checkout_id=checkout_id,
        wanted={line.variant_id: line.quantity for line in lines},
        expires_at=now() + hold,
        instead_of=earlier,
    )
    status = CheckoutStatus.CANCELLED
    await events.record(
        session,
        *[events.event("CheckoutEnded", each, status=status) for each in earlier],
        events.event("CheckoutCreated", checkout_id, version=1),
    )
    await idempotency.finish(session, claim, result={"checkout_id": checkout_id})
    return checkout_id


def _check(lines: Sequence[Any], currency: str) -> None:
    """Raises: InvalidInput; Refusals of what each line has against being bought now."""
    if not lines:
        raise InvalidInput(problem="The cart is empty.", path=("cartId",))
    refused: list[DomainError] = []
    for line in lines:
        if not line.is_for_sale or line.amount_minor is None:
            refused.append(NotForSale(variant_id=line.variant_id))
        elif line.amount_minor != line.unit_price_minor:
            refused.append(
                PriceChanged(
                    line_id=line.id,
                    currency=currency,
                    previous_price_minor=line.unit_price_minor,
                    current_price_minor=line.amount_minor,
                )
            )
    if refused:
        raise Refusals(refused)


async def _check_holds(session: AsyncSession, caller: Caller) -> None:
    """Raises: TooManyHolds when the caller has MAX_UNPAID purchases that wait for a payment."""
    unpaid = select(func.count()).where(
        OrderGroup.owner_id == caller.subject, OrderGroup.status == GroupStatus.PENDING_PAYMENT
    )
    if (await session.scalar(unpaid) or 0) >= MAX_UNPAID:
        raise TooManyHolds(maximum=MAX_UNPAID, path=("cartId",))


async def _cancel_earlier(session: AsyncSession, cart_id: UUID) -> Sequence[UUID]:
    """The checkout that the cart had, if any; it still holds its stock."""
    cancelled = await session.scalars(
        update(Checkout)
        .where(Checkout.cart_id == cart_id, Checkout.status == CheckoutStatus.OPEN)
        .values(status=CheckoutStatus.CANCELLED.value, version=Checkout.version + 1)
        .returning(Checkout.id)
        .execution_options(synchronize_session=False)
    )
    return cancelled.all()


async def _freeze(
    session: AsyncSession, locked: Any, lines: Sequence[Any], hold: timedelta
) -> UUID:
    checkout_id = new_id()
    await session.execute(
        insert(Checkout).values(
            id=checkout_id,
            cart_id=locked.id,
            cart_version=locked.version,
            owner_id=locked.owner_id,
            currency=locked.currency,
            expires_at=now() + hold,
        )
    )
    rows = [
        {
            "id": new_id(),
            "checkout_id": checkout_id,
            "variant_id": line.variant_id,
            "product_id": line.product_id,
            "merchant_id": line.merchant_id,
            "quantity": line.quantity,
            "unit_price_minor": line.amount_minor,
            "title": line.product_name,
            "sku": line.sku,
            "options": [list(each) for each in line.options.items()],
            "image": line.image,
        }
        for line in lines
    ]
    await session.execute(insert(CheckoutLine), rows)
    return checkout_id


_IMAGE = (
    select(
        func.coalesce(ProductMedia.thumbnails["small"].astext, ProductMedia.path, ProductMedia.url)
    )
    .where(ProductMedia.product_id == Variant.product_id, ProductMedia.kind == "IMAGE")
    .order_by(ProductMedia.position, ProductMedia.id)
    .limit(1)
    .scalar_subquery()
)
_LINES = (
    select(
        CartLine.id,
        CartLine.variant_id,
        CartLine.merchant_id,
        CartLine.quantity,
        CartLine.unit_price_minor,
        VariantPrice.amount_minor,
        Variant.product_id,
        Variant.sku,
        Variant.options,
        Product.name.label("product_name"),
        _IMAGE.label("image"),
        (Variant.is_active & Product.is_listed & (Merchant.status == MerchantStatus.ACTIVE)).label(
            "is_for_sale"
        ),
    )
    .join(Variant, Variant.id == CartLine.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .join(Merchant, Merchant.id == Variant.merchant_id)
    .outerjoin(
        VariantPrice,
        (VariantPrice.variant_id == Variant.id) & (VariantPrice.currency == bindparam("currency")),
    )
    .where(CartLine.cart_id == bindparam("cart", type_=Uuid()))
    .order_by(CartLine.created_at, CartLine.id)
)
