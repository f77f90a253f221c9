"""What products may be found by, for search, and which of them a change reaches.

Search is another group of tables: it reads the catalogue through these functions only.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import (
    Attribute,
    AttributeKind,
    Brand,
    Category,
    Product,
    ProductAttributeValue,
    ProductStatus,
    ProductText,
    Variant,
)
from services.catalog.drafts import Texts

_KEYS: Final = bindparam("keys", type_=ARRAY(Uuid()))


class Findable(NamedTuple):
    """A listed product.

    category_ids, categories: from the root of the tree to its own; the latter are names.
    attribute_texts: values as people read them, those of options too. attributes: `slug=value`, of
    attributes that may be filtered by. codes: SKUs and barcodes of variants on sale.
    price_minor: the lowest list price in the shop's currency. rating: hundredths of stars.
    """

    id: UUID
    merchant_id: UUID
    product_type_id: UUID | None
    brand_id: UUID | None
    category_ids: list[UUID]
    names: Texts
    summaries: Texts
    descriptions: Texts
    categories: list[Texts]
    brand: str
    attribute_texts: list[str]
    attributes: list[str]
    codes: list[str]
    price_minor: int
    rating: int
    rating_count: int
    published_at: datetime


_value = func.json_build_array(
    Attribute.slug,
    ProductAttributeValue.value,
    Attribute.kind,
    Attribute.is_filterable,
    Attribute.name,
)
_values = (
    select(func.json_agg(aggregate_order_by(_value, Attribute.position, Attribute.slug)))
    .join(Attribute, Attribute.id == ProductAttributeValue.attribute_id)
    .select_from(ProductAttributeValue)
    .where(ProductAttributeValue.product_id == Product.id)
    .scalar_subquery()
)
_codes = (
    select(func.json_agg(func.json_build_array(Variant.sku, Variant.barcode)))
    .where(Variant.product_id == Product.id, Variant.is_active)
    .scalar_subquery()
)
_PRODUCTS: Final = (
    select(
        Product.id,
        Product.merchant_id,
        Product.product_type_id,
        Product.brand_id,
        Product.category_id,
        Product.name,
        Product.summary,
        ProductText.description,
        Product.options,
        Brand.name.label("brand"),
        Product.price_min_minor,
        Product.rating_average,
        Product.rating_count,
        Product.published_at,
        _values.label("attribute_values"),
        _codes.label("codes"),
    )
    .outerjoin(ProductText, ProductText.product_id == Product.id)
    .outerjoin(Brand, Brand.id == Product.brand_id)
    .where(Product.id == any_(_KEYS), Product.is_listed)
)
_own = select(Category.id, Category.parent_id, Category.name).where(Category.id == any_(_KEYS))
_up = _own.cte("up", recursive=True)
_WAYS_UP: Final = select(
    _up.union(
        select(Category.id, Category.parent_id, Category.name).where(Category.id == _up.c.parent_id)
    )
)


async def findable(session: AsyncSession, product_ids: Collection[UUID]) -> list[Findable]:
    """Those of the products that everybody may see, in no order: two statements."""
    products = (await session.execute(_PRODUCTS, {"keys": list(product_ids)})).all()
    wanted = list({row.category_id for row in products})
    tree = {row.id: row for row in await session.execute(_WAYS_UP, {"keys": wanted})}
    return [_findable(row, _way(tree, row.category_id)) for row in products]


def _way(tree: Mapping[UUID, Any], category_id: UUID) -> list[Any]:
    """From the root down to the category."""
    way = [tree[category_id]]
    while way[-1].parent_id is not None:
        way.append(tree[way[-1].parent_id])
    return way[::-1]


def _findable(row: Any, way: Sequence[Any]) -> Findable:
    values = row.attribute_values or []
    return Findable(
        id=row.id,
        merchant_id=row.merchant_id,
        product_type_id=row.product_type_id,
        brand_id=row.brand_id,
        category_ids=[category.id for category in way],
        names=row.name,
        summaries=row.summary,
        descriptions=row.description or {},
        categories=[category.name for category in way],
        brand=row.brand or "",
        attribute_texts=list(dict.fromkeys((*_read(values), *_chosen(row.options)))),
        attributes=[
            f"{slug}={value}" for slug, value, _, is_filterable, _ in values if is_filterable
        ],
        codes=[code for pair in row.codes or [] for code in pair if code],
        price_minor=row.price_min_minor,
        rating=row.rating_average,
        rating_count=row.rating_count,
        published_at=row.published_at,
    )


def _read(values: Sequence[Any]) -> Iterator[str]:
    """What people read: of yes and no, the name of what a product has."""
    for _, value, kind, _, name in values:
        if kind != AttributeKind.BOOLEAN:
            yield value
        elif value == "true":
            yield from name.values()


def _chosen(options: Sequence[Any]) -> Iterator[str]:
    for option in options:
        for value in option["values"]:
            yield from value["name"].values()


class Part(StrEnum):
    """What products belong to; CATEGORY: or to one below it."""

    CATEGORY = "CATEGORY"
    BRAND = "BRAND"
    PRODUCT_TYPE = "PRODUCT_TYPE"
    MERCHANT = "MERCHANT"


_down = select(Category.id).where(Category.id == any_(_KEYS)).cte("down", recursive=True)
_down = _down.union(select(Category.id).where(Category.parent_id == _down.c.id))
_BELONGS: Final[Mapping[Part, Any]] = {
    Part.CATEGORY: Product.category_id.in_(select(_down.c.id)),
    Part.BRAND: Product.brand_id == any_(_KEYS),
    Part.PRODUCT_TYPE: Product.product_type_id == any_(_KEYS),
    Part.MERCHANT: Product.merchant_id == any_(_KEYS),
}
_page = (
    select(Product.id)
    .where(Product.status == ProductStatus.PUBLISHED, Product.id > bindparam("after", type_=Uuid()))
    .order_by(Product.id)
    .limit(bindparam("size", type_=Integer()))
)
_OF_PART: Final = {part: _page.where(belongs) for part, belongs in _BELONGS.items()}


async def published_ids(
    session: AsyncSession,
    *,
    after: UUID,
    size: int,
    part: Part | None = None,
    of: Collection[UUID] = (),
) -> list[UUID]:
    """The next published products by id, listed or not: all, or those `of` categories and so on."""
    statement = _page if part is None else _OF_PART[part]
    found = await session.scalars(statement, {"keys": list(of), "after": after, "size": size})
    return list(found)


_OF_VARIANTS: Final = select(Variant.product_id).where(Variant.id == any_(_KEYS)).distinct()


async def products_of_variants(session: AsyncSession, variant_ids: Collection[UUID]) -> list[UUID]:
    return list(await session.scalars(_OF_VARIANTS, {"keys": list(variant_ids)}))
