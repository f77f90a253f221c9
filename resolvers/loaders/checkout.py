"""Checkouts by keys."""

from typing import Final

from sqlalchemy import any_, func, or_, select

from models.checkout import Checkout, CheckoutDelivery, CheckoutLine, DeliveryMethod
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import owned
from services.checkout import price_for, serves

CHECKOUTS: Final = Relation(
    select(*Checkout.__table__.c).where(Checkout.id == any_(KEYS), owned(Checkout.owner_id)),
    key="id",
)
LINES_OF_CHECKOUTS: Final = Relation(
    select(*CheckoutLine.__table__.c, Checkout.currency)
    .join(Checkout)
    .where(CheckoutLine.checkout_id == any_(KEYS), owned(Checkout.owner_id))
    .order_by(CheckoutLine.created_at, CheckoutLine.id),
    key="checkout_id",
    many=True,
)
LINES: Final = Relation(
    select(*CheckoutLine.__table__.c, Checkout.currency)
    .join(Checkout)
    .where(CheckoutLine.id == any_(KEYS), owned(Checkout.owner_id)),
    key="id",
)
DELIVERIES_OF_CHECKOUTS: Final = Relation(
    select(*CheckoutDelivery.__table__.c)
    .join(Checkout)
    .where(CheckoutDelivery.checkout_id == any_(KEYS), owned(Checkout.owner_id)),
    key="checkout_id",
    many=True,
)
_goods = (
    select(
        CheckoutLine.checkout_id,
        CheckoutLine.merchant_id,
        func.sum(CheckoutLine.quantity * CheckoutLine.unit_price_minor).label("subtotal"),
    )
    .where(CheckoutLine.checkout_id == any_(KEYS))
    .group_by(CheckoutLine.checkout_id, CheckoutLine.merchant_id)
    .subquery()
)
_country = Checkout.shipping_address["country"].astext
# The ways in which each merchant would send its part, to the country of the address if it is set.
OPTIONS_OF_CHECKOUTS: Final = Relation(
    select(
        _goods.c.checkout_id,
        DeliveryMethod.id,
        DeliveryMethod.merchant_id,
        DeliveryMethod.code,
        DeliveryMethod.name,
        DeliveryMethod.carrier_code,
        DeliveryMethod.currency,
        DeliveryMethod.min_days,
        DeliveryMethod.max_days,
        price_for(_goods.c.subtotal).label("price_minor"),
    )
    .join(Checkout, Checkout.id == _goods.c.checkout_id)
    .join(DeliveryMethod, DeliveryMethod.merchant_id == _goods.c.merchant_id)
    .where(
        owned(Checkout.owner_id),
        DeliveryMethod.is_active,
        DeliveryMethod.currency == Checkout.currency,
        or_(_country.is_(None), serves(_country)),
    )
    .order_by(price_for(_goods.c.subtotal), DeliveryMethod.code),
    key="checkout_id",
    many=True,
)
