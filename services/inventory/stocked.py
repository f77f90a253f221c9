"""Which products can be bought at all."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Variant
from models.inventory import StockLevel

_STOCKED: Final = (
    select(Variant.product_id)
    .join(StockLevel, StockLevel.variant_id == Variant.id)
    .where(
        Variant.product_id == any_(bindparam("products", type_=ARRAY(Uuid()))),
        Variant.is_active,
        StockLevel.available > 0,
    )
    .distinct()
)


async def in_stock(session: AsyncSession, product_ids: Collection[UUID]) -> set[UUID]:
    """Those of the products of which a variant on sale can be promised: one statement."""
    return {*await session.scalars(_STOCKED, {"products": list(product_ids)})}
