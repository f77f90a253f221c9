"""Orders for tests, without the way there."""

from datetime import timedelta
from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from models.cart import Cart
from models.catalog import Variant
from models.checkout import Checkout, CheckoutStatus
from models.orders import Order, OrderGroup, OrderLine, OrderStatus

PRICE = 1_000

_numbers = count(1)


async def make_order(
    session: AsyncSession, variant: Variant, *, quantity: int = 1, status: str = OrderStatus.PAID
) -> Order:
    """Somebody's order of one line; its stock is not touched. A cancelled one had been paid."""
    owner, total = new_id(), quantity * PRICE
    cart = Cart(owner_id=owner, currency="USD", status="ORDERED")
    session.add(cart)
    await session.flush()  # the checkout refers to its row
    checkout = Checkout(
        cart_id=cart.id,
        cart_version=1,
        owner_id=owner,
        status=CheckoutStatus.COMPLETED,
        currency="USD",
        email="ada@example.test",
        expires_at=now(),
    )
    session.add(checkout)
    await session.flush()  # the group refers to its row
    group = OrderGroup(
        checkout_id=checkout.id,
        owner_id=owner,
        currency="USD",
        total_minor=total,
        email="ada@example.test",
        expires_at=now() + timedelta(hours=1),
    )
    session.add(group)
    await session.flush()  # the order refers to its row
    order = Order(
        group_id=group.id,
        merchant_id=variant.merchant_id,
        owner_id=owner,
        number=f"TEST-{next(_numbers)}",
        status=status,
        currency="USD",
        subtotal_minor=total,
        shipping_minor=0,
        total_minor=total,
        email="ada@example.test",
        shipping_address={},
        billing_address={},
        delivery_name={"en": "Standard"},
        carrier_code="parcel-express",
        placed_at=now(),
        paid_at=None if status == OrderStatus.PENDING_PAYMENT else now(),
    )
    session.add(order)
    await session.flush()  # the line refers to its row
    line = OrderLine(
        order_id=order.id,
        variant_id=variant.id,
        product_id=variant.product_id,
        title={"en": "A thing"},
        sku=variant.sku,
        quantity=quantity,
        unit_price_minor=PRICE,
        total_minor=total,
        position=0,
    )
    session.add(line)
    await session.flush()  # the caller may read it in the same transaction
    return order
