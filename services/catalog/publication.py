"""From draft to the shelf, and away again."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import clock
from core.errors import VersionConflict
from core.identity import Caller
from models.catalog import Product, ProductStatus, Variant
from models.merchants import Merchant, MerchantStatus
from models.pricing import VariantPrice
from services import audit, events, selling
from services.catalog.denormalised import refresh
from services.catalog.errors import Missing, NotPublishable
from services.catalog.product_edits import lock_product
from services.catalog.texts import DEFAULT_LANGUAGE

AUDIT_ACTION: Final = {
    "ProductPublished": "PRODUCT_PUBLISHED",
    "ProductUnpublished": "PRODUCT_UNPUBLISHED",
    "ProductArchived": "PRODUCT_ARCHIVED",
}
_KEYS: Final = bindparam("products", type_=ARRAY(Uuid()))
_active_variant = exists().where(Variant.product_id == Product.id, Variant.is_active)
_priced_variant = exists().where(
    Variant.product_id == Product.id,
    Variant.is_active,
    VariantPrice.variant_id == Variant.id,
    VariantPrice.currency == bindparam("currency", type_=String()),
)
_FACTS: Final = (
    select(
        Product.id,
        Product.merchant_id,
        Product.name,
        Product.status,
        (Merchant.status == MerchantStatus.ACTIVE).label("is_merchant_active"),
        _active_variant.label("has_variant"),
        _priced_variant.label("has_price"),
    )
    .join(Merchant, Merchant.id == Product.merchant_id)
    .where(Product.id == any_(_KEYS))
    .order_by(Product.id)
)
_locked = (
    select(Product.merchant_id)
    .where(Product.id == any_(_KEYS))
    .order_by(Product.id)
    .with_for_update(key_share=True)
    .subquery("locked")
)
# With them, whether their merchants sell: what is published is not past a suspension.
_LOCK_PRODUCTS: Final = select(func.count(selling.shared(_locked.c.merchant_id)))


async def set_published(
    session: AsyncSession,
    caller: Caller,
    *,
    product_id: UUID,
    is_published: bool,
    expected_version: int | None,
    currency: str,
) -> None:
    """Publish a product, or make it a draft again; an archived one comes back. No-op if it is so.

    Raises: NotFound; VersionConflict; NotPublishable with all that is missing.
    """
    row = await lock_product(session, caller, product_id)
    if expected_version not in {None, row["version"]}:
        raise VersionConflict(current_version=row["version"], path=("expectedVersion",))
    if is_published:
        refused = await publish_products(session, product_ids=[product_id], currency=currency)
        if refused:
            raise refused[product_id]
    else:
        await _set_status(session, [product_id], ProductStatus.DRAFT, "ProductUnpublished")


async def publish_products(
    session: AsyncSession, *, product_ids: Collection[UUID], currency: str
) -> dict[UUID, NotPublishable]:
    """Publish all that can be; the others with what they lack. Permissions are the caller's thing.

    currency: the shop's. Unknown ids are passed over. Five statements, however many products.
    """
    values = {"products": list(product_ids)}
    await session.execute(_LOCK_PRODUCTS, values)
    facts = (await session.execute(_FACTS, values | {"currency": currency})).all()
    refused = {
        row.id: NotPublishable(missing=missing) for row in facts if (missing := _missing(row))
    }
    ready = [row.id for row in facts if row.id not in refused]
    await _set_status(session, ready, ProductStatus.PUBLISHED, "ProductPublished")
    await refresh(session, ready, currency=currency)
    return refused


def _missing(row: Any) -> list[Missing]:
    found = (
        (Missing.NAME, row.name.get(DEFAULT_LANGUAGE)),
        (Missing.VARIANT, row.has_variant),
        (Missing.PRICE, row.has_price),
        (Missing.ACTIVE_MERCHANT, row.is_merchant_active),
    )
    return [what for what, is_there in found if not is_there]


async def _set_status(
    session: AsyncSession, products: Collection[UUID], status: ProductStatus, kind: str
) -> None:
    """Of locked products; those that have the status already stay as they are."""
    change: dict[str, Any] = {"status": status, "version": Product.version + 1}
    if status is ProductStatus.PUBLISHED:
        change["published_at"] = clock.now()
    else:
        change["is_listed"] = False
    changed = await session.execute(
        update(Product)
        .where(Product.id == any_(_KEYS), Product.status != status)
        .values(change)
        .returning(Product.id, Product.version, Product.merchant_id),
        {"products": list(products)},
    )
    rows = changed.all()
    await events.record(
        session,
        *[
            events.event(kind, row.id, merchant_id=row.merchant_id.hex, version=row.version)
            for row in rows
        ],
    )
    after = {"status": status.value}
    await audit.record(
        session,
        *[
            audit.entry(
                AUDIT_ACTION[kind], "Product", row.id, merchant_id=row.merchant_id, after=after
            )
            for row in rows
        ],
    )


async def archive_product(session: AsyncSession, caller: Caller, *, product_id: UUID) -> None:
    """Take a product out of the shop. Its row stays: orders, carts and stock refer to it.

    Raises: NotFound.
    """
    await lock_product(session, caller, product_id)
    await _set_status(session, [product_id], ProductStatus.ARCHIVED, "ProductArchived")
