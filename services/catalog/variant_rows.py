"""Statements on variants: each takes any number of them."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Product, Variant
from services.recordset import insertion, recordset, table_of

VALUES: Final = (
    "sku",
    "barcode",
    "name",
    "options",
    "options_key",
    "position",
    "weight_grams",
    "minimum_quantity",
    "is_active",
)
_VARIANTS: Final = table_of(Variant)
_MERCHANT: Final = bindparam("merchant_id", type_=Uuid())
_PRODUCTS: Final = bindparam("products", type_=ARRAY(Uuid()))
_NAMED: Final = (
    Variant.merchant_id == _MERCHANT,
    or_(
        Variant.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
        Variant.sku == any_(bindparam("skus", type_=ARRAY(Text()))),
    ),
)

_PRODUCTS_NAMED: Final = select(Variant.product_id).where(*_NAMED).distinct()
_LOCK: Final = (
    select(Product.id, Product.options)
    .where(Product.id == any_(_PRODUCTS), Product.merchant_id == _MERCHANT)
    .order_by(Product.id)
    .with_for_update(key_share=True)
)
_KNOWN: Final = select(*_VARIANTS.c).where(*_NAMED)
_COUNTS: Final = (
    select(
        Variant.product_id, func.count().label("number"), func.max(Variant.position).label("top")
    )
    .where(Variant.product_id == any_(_PRODUCTS))
    .group_by(Variant.product_id)
)
_SAME_CHOICE: Final = select(Variant.id, Variant.product_id, Variant.options_key).where(
    Variant.product_id == any_(_PRODUCTS),
    Variant.options_key == any_(bindparam("keys", type_=ARRAY(Text()))),
)
_INSERT: Final = (
    insertion(Variant, "id", "product_id", "merchant_id", *VALUES, "version")
    .on_conflict_do_nothing()
    .returning(_VARIANTS.c.id)
)
_given = recordset(Variant, "id", *VALUES)
_UPDATE: Final = (
    update(_VARIANTS)
    .where(_VARIANTS.c.id == _given.c.id)
    .values({name: _given.c[name] for name in VALUES} | {"version": _VARIANTS.c.version + 1})
    .returning(_VARIANTS.c.id, _VARIANTS.c.version)
)


async def products_of(
    session: AsyncSession, merchant_id: UUID, *, ids: Collection[UUID], skus: Collection[str]
) -> set[UUID]:
    """The products whose variants have these ids or SKUs. Locks nothing."""
    values = {"merchant_id": merchant_id, "ids": list(ids), "skus": list(skus)}
    return set(await session.scalars(_PRODUCTS_NAMED, values))


async def lock_products(
    session: AsyncSession, merchant_id: UUID, products: Collection[UUID]
) -> dict[UUID, list[Any]]:
    """Product id -> its options. Every change of variants and prices begins with this lock."""
    values = {"merchant_id": merchant_id, "products": list(products)}
    return {row.id: row.options for row in await session.execute(_LOCK, values)}


async def known(
    session: AsyncSession, merchant_id: UUID, *, ids: Collection[UUID], skus: Collection[str]
) -> list[dict[str, Any]]:
    values = {"merchant_id": merchant_id, "ids": list(ids), "skus": list(skus)}
    return [dict(row) for row in (await session.execute(_KNOWN, values)).mappings()]


async def counts(session: AsyncSession, products: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Product id -> how many variants it has, and the highest position of them."""
    found = await session.execute(_COUNTS, {"products": list(products)})
    return {row.product_id: (row.number, row.top) for row in found}


async def same_choice(
    session: AsyncSession, products: Collection[UUID], keys: Collection[str]
) -> dict[tuple[UUID, str], UUID]:
    """(product, options key) -> the variant that has it."""
    found = await session.execute(_SAME_CHOICE, {"products": list(products), "keys": list(keys)})
    return {(row.product_id, row.options_key): row.id for row in found}


async def insert_variants(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> set[UUID]:
    """The ids of those that were inserted: not those that somebody else was faster with."""
    return set(await session.scalars(_INSERT, {"rows": rows})) if rows else set()


async def update_variants(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[UUID, int]:
    """Variant id -> its new version."""
    if not rows:
        return {}
    return {row.id: row.version for row in await session.execute(_UPDATE, {"rows": rows})}
