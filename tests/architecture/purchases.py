"""What people of a market own: carts, purchases on their way, accounts."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import now
from core.ids import new_id
from models.accounts import RefreshToken, Session, User
from models.cart import Cart, CartLine, CartStatus
from models.checkout import Checkout, CheckoutDelivery, CheckoutLine, CheckoutStatus
from models.merchants import Membership
from models.orders import GroupStatus, Order, OrderEvent, OrderEventKind, OrderGroup, OrderLine
from models.payments import (
    Payment,
    PaymentAllocation,
    PaymentAttempt,
    PaymentMethod,
    PaymentStatus,
    PaymentTransaction,
    Refund,
    TransactionKind,
)
from models.platform import Job
from models.shipments import Parcel, Shipment, ShipmentLine, TrackingEvent, TrackingStatus
from tests.architecture.market import Market
from tests.factories.accounts import make_address
from tests.factories.shops import Stall

PRICE = 1_000
# As services keep an address.
PARTS = ("name", "company", "line1", "line2", "city", "region", "postal_code", "country", "phone")
POSTAL = dict.fromkeys(PARTS, "") | {"line1": "1 Main Street", "country": "US"}


async def _saved(session: AsyncSession, *rows: Any) -> None:
    session.add_all(rows)
    await session.flush()  # others refer to these rows


async def buy_everything(session: AsyncSession, market: Market, owner_id: UUID) -> None:
    """One open cart, and one purchase of every merchant that is paid, sent and in part given back."""
    word = market.words[owner_id]
    await _fill_cart(session, market, owner_id, CartStatus.OPEN)
    cart = await _fill_cart(session, market, owner_id, CartStatus.ORDERED)
    checkout = await _check_out(session, market, cart, word)
    group = OrderGroup(
        checkout_id=checkout.id,
        owner_id=owner_id,
        status=GroupStatus.PAID,
        currency="USD",
        total_minor=PRICE * len(market.stalls),
        email=f"{word}@example.test",
        expires_at=now() + timedelta(minutes=30),
    )
    await _saved(session, group)
    market.note("OrderGroup", group, owner_id=owner_id)
    orders = [await _order(session, market, group, stall, word) for stall in market.stalls]
    await _pay(session, market, group, orders)


async def _fill_cart(
    session: AsyncSession, market: Market, owner_id: UUID, status: CartStatus
) -> Cart:
    cart = Cart(owner_id=owner_id, status=status, currency="USD")
    await _saved(session, cart)
    market.note("Cart", cart, owner_id=owner_id)
    for stall in market.stalls:
        line = CartLine(
            cart_id=cart.id,
            variant_id=stall.variant.id,
            merchant_id=stall.merchant.id,
            quantity=1,
            unit_price_minor=PRICE - 1,
        )
        await _saved(session, line)
        market.note("CartLine", line, owner_id=owner_id)
    return cart


async def _check_out(session: AsyncSession, market: Market, cart: Cart, word: str) -> Checkout:
    checkout = Checkout(
        cart_id=cart.id,
        cart_version=1,
        owner_id=cart.owner_id,
        status=CheckoutStatus.COMPLETED,
        currency="USD",
        email=f"{word}@example.test",
        shipping_address={**POSTAL, "name": word},
        expires_at=now() + timedelta(minutes=15),
    )
    await _saved(session, checkout)
    market.note("Checkout", checkout, owner_id=cart.owner_id)
    for stall in market.stalls:
        line = CheckoutLine(
            checkout_id=checkout.id,
            variant_id=stall.variant.id,
            product_id=stall.variant.product_id,
            merchant_id=stall.merchant.id,
            quantity=1,
            unit_price_minor=PRICE,
            title={"en": "A thing"},
            sku=stall.variant.sku,
        )
        delivery = CheckoutDelivery(
            checkout_id=checkout.id,
            merchant_id=stall.merchant.id,
            delivery_method_id=stall.delivery.id,
            price_minor=0,
        )
        await _saved(session, line, delivery)
        market.note("CheckoutLine", line, owner_id=cart.owner_id)
    return checkout


async def _order(
    session: AsyncSession, market: Market, group: OrderGroup, stall: Stall, word: str
) -> Order:
    order = Order(
        group_id=group.id,
        merchant_id=stall.merchant.id,
        owner_id=group.owner_id,
        number=f"261124-{new_id().hex[-8:].upper()}",
        currency="USD",
        subtotal_minor=PRICE,
        shipping_minor=0,
        total_minor=PRICE,
        email=f"{word}@example.test",
        shipping_address={**POSTAL, "name": word},
        billing_address={**POSTAL, "name": word},
        delivery_name={"en": "Standard"},
        carrier_code="parcel-express",
        placed_at=now(),
    )
    await _saved(session, order)
    whose = {"owner_id": group.owner_id, "merchant_id": stall.merchant.id}
    market.note("Order", order, **whose)
    for position in range(market.size):
        variant_id = market.ids["ProductVariant"][position]
        line = OrderLine(
            order_id=order.id,
            variant_id=variant_id,
            product_id=stall.variant.product_id,
            title={"en": "A thing"},
            sku=stall.variant.sku,
            quantity=1,
            unit_price_minor=PRICE,
            total_minor=PRICE,
            position=position,
        )
        event = OrderEvent(order_id=order.id, kind=OrderEventKind.PLACED)
        await _saved(session, line, event)
        market.note("OrderLine", line, **whose)
        market.note("OrderEvent", event, **whose)
        await _ship(session, market, order, line, whose)
    return order


async def _ship(
    session: AsyncSession,
    market: Market,
    order: Order,
    line: OrderLine,
    whose: dict[str, UUID],
) -> None:
    shipment = Shipment(
        order_id=order.id,
        number=f"S-{new_id().hex[-11:].upper()}",
        carrier_code="parcel-express",
        phone_digits="4321",
        **whose,
    )
    await _saved(session, shipment)
    market.note("Shipment", shipment, **whose)
    for n in range(market.size):
        parcel = Parcel(
            shipment_id=shipment.id,
            carrier_code="parcel-express",
            tracking_number=new_id().hex.upper(),
        )
        event = TrackingEvent(
            shipment_id=shipment.id,
            event_key=f"event-{n}",
            status=TrackingStatus.IN_TRANSIT,
            happened_at=now(),
        )
        part = ShipmentLine(
            shipment_id=shipment.id,
            order_line_id=new_id() if n else line.id,
            variant_id=line.variant_id,
            quantity=1,
        )
        await _saved(session, parcel, event, part)
        market.note("Parcel", parcel, **whose)
        market.tracking_number = str(parcel.tracking_number)
        market.note("TrackingEvent", event, **whose)


async def _pay(
    session: AsyncSession, market: Market, group: OrderGroup, orders: Iterable[Order]
) -> None:
    payment = Payment(
        order_group_id=group.id,
        owner_id=group.owner_id,
        method=PaymentMethod.CARD,
        provider="card",
        status=PaymentStatus.CAPTURED,
        currency="USD",
        amount_minor=group.total_minor,
        captured_minor=group.total_minor,
        attempt_id=new_id(),
    )
    await _saved(session, payment)
    attempt = PaymentAttempt(
        id=payment.attempt_id,
        payment_id=payment.id,
        provider="card",
        provider_key=new_id().hex,
        payment_method="pm_card_visa",
        currency="USD",
        amount_minor=group.total_minor,
        state="CAPTURED",
    )
    await _saved(session, attempt)
    market.note("Payment", payment, owner_id=group.owner_id)
    for n in range(market.size):
        done = PaymentTransaction(
            payment_id=payment.id,
            attempt_id=attempt.id,
            kind=TransactionKind.CAPTURE,
            amount_minor=group.total_minor,
            provider_reference=f"ch_{n}_{attempt.id.hex}",
        )
        await _saved(session, done)
    for order in orders:
        part = PaymentAllocation(
            payment_id=payment.id,
            order_id=order.id,
            merchant_id=order.merchant_id,
            amount_minor=order.total_minor,
        )
        await _saved(session, part)
        for n in range(market.size):
            refund = Refund(
                payment_id=payment.id,
                attempt_id=attempt.id,
                order_id=order.id,
                reason_key=f"reason-{n}",
                currency="USD",
                amount_minor=1,
                provider_key=new_id().hex,
            )
            await _saved(session, refund)
            whose = {"owner_id": order.owner_id, "merchant_id": order.merchant_id}
            market.note("Refund", refund, **whose)


async def live(session: AsyncSession, market: Market, user: User) -> None:
    """An address book, sign-ins, jobs, and work for merchants without any permission."""
    market.note("User", user, owner_id=user.id)
    for stall in market.stalls:
        address = await make_address(session, user, name=market.words[user.id])
        opened = Session(user_id=user.id)
        job = Job(kind="CATALOG_IMPORT", owner_id=user.id, merchant_id=stall.merchant.id, input={})
        member = Membership(user_id=user.id, merchant_id=stall.merchant.id, permissions=[])
        await _saved(session, opened, job, member)
        token = RefreshToken(
            token_hash=new_id().bytes, session_id=opened.id, expires_at=now() + timedelta(days=1)
        )
        await _saved(session, token)
        market.note("Address", address, owner_id=user.id)
        market.note("Session", opened, owner_id=user.id)
        market.note("Job", job, owner_id=user.id)
