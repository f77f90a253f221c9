"""Products for tests."""

from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.catalog import Brand, Category, Product, ProductStatus, Variant
from models.inventory import StockLevel, Warehouse
from models.merchants import Merchant
from models.pricing import VariantPrice
from tests.factories.merchants import make_merchant

_numbers = count(1)


async def make_category(session: AsyncSession, *, parent: Category | None = None) -> Category:
    n = next(_numbers)
    category = Category(
        slug=f"category-{n}",
        name={"en": f"Category {n}", "zh-Hans": f"类别 {n}"},
        parent_id=parent and parent.id,
        position=n,
    )
    session.add(category)
    await session.flush()  # others refer to its row
    return category


async def make_brand(session: AsyncSession) -> Brand:
    n = next(_numbers)
    brand = Brand(slug=f"brand-{n}", name=f"Brand {n}")
    session.add(brand)
    await session.flush()  # others refer to its row
    return brand


async def make_warehouse(session: AsyncSession, merchant: Merchant) -> Warehouse:
    n = next(_numbers)
    warehouse = Warehouse(merchant_id=merchant.id, code=f"W{n}", name=f"Warehouse {n}")
    session.add(warehouse)
    await session.flush()  # others refer to its row
    return warehouse


async def make_product(
    session: AsyncSession,
    *,
    merchant: Merchant | None = None,
    category: Category | None = None,
    brand: Brand | None = None,
    is_published: bool = True,
    price_minor: int = 1_000,
    **columns: Any,
) -> Product:
    """A saved product without variants; listed unless told otherwise."""
    n = next(_numbers)
    merchant = merchant or await make_merchant(session)
    category = category or await make_category(session)
    product = Product(
        merchant_id=merchant.id,
        category_id=category.id,
        brand_id=brand and brand.id,
        slug=f"product-{n}",
        name={"en": f"Product {n}", "zh-Hans": f"商品 {n}"},
        name_sort=f"product {n:06}",
        status=ProductStatus.PUBLISHED if is_published else ProductStatus.DRAFT,
        is_listed=is_published,
        price_min_minor=price_minor,
        price_max_minor=price_minor,
        **columns,
    )
    session.add(product)
    await session.flush()  # others refer to its row
    return product


async def make_variant(
    session: AsyncSession,
    *,
    product: Product | None = None,
    warehouse: Warehouse | None = None,
    stock: int = 10,
    price_minor: int = 1_000,
    currency: str = "USD",
) -> Variant:
    """A saved variant on sale at 10.00 USD, with `stock` units in a warehouse of its merchant."""
    n = next(_numbers)
    product = product or await make_product(session, price_minor=price_minor)
    merchant = await session.get_one(Merchant, product.merchant_id)
    warehouse = warehouse or await make_warehouse(session, merchant)
    variant = Variant(
        product_id=product.id,
        merchant_id=merchant.id,
        sku=f"SKU-{n}",
        name={"en": f"Variant {n}"},
        options_key=str(n),
        position=n,
    )
    session.add(variant)
    await session.flush()  # price and stock refer to its row
    session.add(VariantPrice(variant_id=variant.id, currency=currency, amount_minor=price_minor))
    session.add(
        StockLevel(
            warehouse_id=warehouse.id,
            variant_id=variant.id,
            merchant_id=merchant.id,
            on_hand=stock,
        )
    )
    await session.flush()  # the caller may read them in the same transaction
    return variant
