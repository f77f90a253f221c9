"""Columns of products that say again what other rows say, so that lists need no join."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    String,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import (
    Attribute,
    Product,
    ProductAttributeValue,
    ProductStatus,
    Review,
    Variant,
)
from models.merchants import Merchant, MerchantStatus
from models.pricing import VariantPrice
from services.recordset import table_of

_PRODUCTS: Final = table_of(Product)
_KEYS: Final = bindparam("products", type_=ARRAY(Uuid()))
_NO_TEXTS: Final = literal_column("'{}'::text[]", type_=ARRAY(Text()))

_source = _PRODUCTS.alias("source")
_prices = (
    select(
        func.coalesce(func.min(VariantPrice.amount_minor), 0).label("low"),
        func.coalesce(func.max(VariantPrice.amount_minor), 0).label("high"),
    )
    .select_from(VariantPrice)
    .join(Variant, Variant.id == VariantPrice.variant_id)
    .where(
        Variant.product_id == _source.c.id,
        Variant.is_active,
        VariantPrice.currency == bindparam("currency", type_=String()),
    )
    .lateral("prices")
)
_pair = Attribute.slug + "=" + ProductAttributeValue.value
_pairs = func.array_agg(aggregate_order_by(_pair, _pair), type_=ARRAY(Text()))
_filters = (
    select(func.coalesce(_pairs, _NO_TEXTS).label("pairs"))
    .select_from(ProductAttributeValue)
    .join(Attribute, Attribute.id == ProductAttributeValue.attribute_id)
    .where(ProductAttributeValue.product_id == _source.c.id)
    .lateral("filters")
)
_is_listed = (_source.c.status == ProductStatus.PUBLISHED) & (
    Merchant.status == MerchantStatus.ACTIVE
)
_facts = (
    select(
        _source.c.id,
        _prices.c.low,
        _prices.c.high,
        _filters.c.pairs,
        _is_listed.label("is_listed"),
    )
    .select_from(
        _source.join(Merchant, Merchant.id == _source.c.merchant_id)
        .join(_prices, true())
        .join(_filters, true())
    )
    .where(_source.c.id == any_(_KEYS))
    .subquery("facts")
)
_REFRESH: Final = (
    update(_PRODUCTS)
    .where(
        _PRODUCTS.c.id == _facts.c.id,
        func.row(
            _PRODUCTS.c.price_min_minor,
            _PRODUCTS.c.price_max_minor,
            _PRODUCTS.c.attributes_search,
            _PRODUCTS.c.is_listed,
        ).is_distinct_from(
            func.row(_facts.c.low, _facts.c.high, _facts.c.pairs, _facts.c.is_listed)
        ),
    )
    .values(
        price_min_minor=_facts.c.low,
        price_max_minor=_facts.c.high,
        attributes_search=_facts.c.pairs,
        is_listed=_facts.c.is_listed,
    )
)


async def refresh(session: AsyncSession, products: Collection[UUID], *, currency: str) -> None:
    """Work out prices, filters and listing of locked products anew: one statement for all.

    currency: the shop's; lists sort and filter by prices in it.
    """
    if products:
        await session.execute(_REFRESH, {"products": list(products), "currency": currency})


_ratings = (
    select(
        Review.product_id,
        func.count().label("count"),
        cast(func.round(func.avg(Review.rating) * 100), Integer).label("average"),
    )
    .where(Review.product_id == any_(_KEYS))
    .group_by(Review.product_id)
    .subquery("ratings")
)
_REFRESH_RATINGS: Final = (
    update(_PRODUCTS)
    .where(_PRODUCTS.c.id == _ratings.c.product_id)
    .values(
        rating_count=_ratings.c.count,
        rating_average=_ratings.c.average,
        updated_at=_PRODUCTS.c.updated_at,
    )
)


async def refresh_ratings(session: AsyncSession, products: Collection[UUID]) -> None:
    """Count the reviews of locked products anew: one statement, and a scan of their reviews."""
    if products:
        await session.execute(_REFRESH_RATINGS, {"products": list(products)})
