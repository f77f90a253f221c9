"""Carts by keys."""

from typing import Any, Final

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
_available = (
    select(cast(func.coalesce(func.sum(StockLevel.available), 0), Integer))
    .where(StockLevel.variant_id == CartLine.variant_id)
    .scalar_subquery()
)
_is_listed = Variant.is_active & Product.is_listed & (Merchant.status == MerchantStatus.ACTIVE)


def _with_offers(*columns: Any) -> Any:
    """Own lines with what each would cost now, in its cart's currency, and if it can be had."""
    return (
        select(
            *columns,
            VariantPrice.amount_minor,
            _available.label("available"),
            _is_listed.label("is_listed"),
        )
        .select_from(CartLine)
        .join(Cart, Cart.id == CartLine.cart_id)
        .join(Variant, Variant.id == CartLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .join(Merchant, Merchant.id == CartLine.merchant_id)
        .outerjoin(
            VariantPrice,
            (VariantPrice.variant_id == CartLine.variant_id)
            & (VariantPrice.currency == Cart.currency),
        )
        .where(owned(Cart.owner_id))
    )


_COLUMNS = (
    CartLine.id,
    CartLine.cart_id,
    CartLine.variant_id,
    CartLine.merchant_id,
    CartLine.quantity,
    CartLine.unit_price_minor,
    Cart.currency,
)
OFFERS_OF_LINES: Final = Relation(
    _with_offers(CartLine.id).where(CartLine.id == any_(KEYS)), key="id"
)
LINES_OF_CARTS: Final = Relation(
    _with_offers(*_COLUMNS)
    .where(CartLine.cart_id == any_(KEYS))
    .order_by(CartLine.created_at, CartLine.id),
    key="cart_id",
    many=True,
    gives=OFFERS_OF_LINES,
)
LINES: Final = Relation(
    _with_offers(*_COLUMNS).where(CartLine.id == any_(KEYS)), key="id", gives=OFFERS_OF_LINES
)
