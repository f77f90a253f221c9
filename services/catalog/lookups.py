"""Ids by the names that people and files use: one statement each, unknown names left out."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Brand, Category, Product, ProductType

_NAMES: Any = any_(bindparam("names", type_=ARRAY(Text())))


async def categories_by_slug(session: AsyncSession, slugs: Collection[str]) -> dict[str, UUID]:
    return await _ids(session, Category.slug, Category.id, slugs)


async def brands_by_slug(session: AsyncSession, slugs: Collection[str]) -> dict[str, UUID]:
    return await _ids(session, Brand.slug, Brand.id, slugs)


async def product_types_by_slug(session: AsyncSession, slugs: Collection[str]) -> dict[str, UUID]:
    return await _ids(session, ProductType.slug, ProductType.id, slugs)


async def products_by_reference(
    session: AsyncSession, *, merchant_id: UUID, references: Collection[str]
) -> dict[str, UUID]:
    """External reference -> product, of one merchant."""
    found = await session.execute(
        select(Product.external_reference, Product.id).where(
            Product.merchant_id == merchant_id, Product.external_reference == _NAMES
        ),
        {"names": list(references)},
    )
    return {str(row[0]): row[1] for row in found}


async def known_products(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Those of these products that there are, listed or not."""
    there = select(Product.id).where(Product.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
    return {*(await session.scalars(there, {"ids": list(ids)}))}


async def _ids(
    session: AsyncSession, name: Any, key: Any, names: Collection[str]
) -> dict[str, UUID]:
    found = await session.execute(select(name, key).where(name == _NAMES), {"names": list(names)})
    return {row[0]: row[1] for row in found}
