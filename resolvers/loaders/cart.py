"""Carts by keys."""

from typing import Final

from sqlalchemy import Integer, any_, cast, func, select

from models.cart import Cart, CartLine, CartStatus
from models.catalog import Product, Variant
from models.inventory import StockLevel
from models.merchants import Merchant, MerchantStatus
from models.pricing import VariantPrice
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import CALLER, owned

CARTS: Final = Relation(
    select(*Cart.__table__.c).where(Cart.id == any_(KEYS), owned(Cart.owner_id)), key="id"
)
OPEN_CARTS: Final = Relation(
    select(*Cart.__table__.c).where(
        Cart.owner_id == any_(KEYS), Cart.owner_id == CALLER, Cart.status == CartStatus.OPEN
    ),
    key="owner_id",
)
LINES_OF_CARTS: Final = Relation(
    select(*CartLine.__table__.c, Cart.currency)
    .join(Cart)
    .where(CartLine.cart_id == any_(KEYS), owned(Cart.owner_id))
    .order_by(CartLine.created_at, CartLine.id),
    key="cart_id",
    many=True,
)
LINES: Final = Relation(
    select(*CartLine.__table__.c, Cart.currency)
    .join(Cart)
    .where(CartLine.id == any_(KEYS), owned(Cart.owner_id)),
    key="id",
)
_available = (
    select(cast(func.coalesce(func.sum(StockLevel.available), 0), Integer))
    .where(StockLevel.variant_id == CartLine.variant_id)
    .scalar_subquery()
)
# What each line would cost now, in its cart's currency, and whether it can be had.
OFFERS_OF_LINES: Final = Relation(
    select(
        CartLine.id,
        VariantPrice.amount_minor,
        _available.label("available"),
        (Variant.is_active & Product.is_listed & (Merchant.status == MerchantStatus.ACTIVE)).label(
            "is_listed"
        ),
    )
    .join(Cart, Cart.id == CartLine.cart_id)
    .join(Variant, Variant.id == CartLine.variant_id)
    .join(Product, Product.id == Variant.product_id)
    .join(Merchant, Merchant.id == CartLine.merchant_id)
    .outerjoin(
        VariantPrice,
        (VariantPrice.variant_id == CartLine.variant_id) & (VariantPrice.currency == Cart.currency),
    )
    .where(CartLine.id == any_(KEYS), owned(Cart.owner_id)),
    key="id",
)
