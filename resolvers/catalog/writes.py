"""One transaction for each mutation of the catalogue."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from resolvers.context import RequestContext
from resolvers.loaders.catalog import BRANDS, CATEGORIES, PRODUCT_TYPES
from services import catalog, media
from services.pricing import NewPrice


async def product_create(
    ctx: RequestContext, *, merchant_id: UUID, draft: catalog.ProductDraft
) -> UUID:
    async with ctx.db.transaction() as session:
        product_id = await catalog.create_product(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            draft=draft,
            currency=ctx.shop.settings.shop_currency,
        )
    ctx.forget()
    return product_id


async def product_update(
    ctx: RequestContext,
    *,
    product_id: UUID,
    change: catalog.ProductChange,
    expected_version: int | None,
) -> None:
    async with ctx.db.transaction() as session:
        await catalog.update_product(
            session,
            ctx.caller,
            product_id=product_id,
            change=change,
            expected_version=expected_version,
            currency=ctx.shop.settings.shop_currency,
        )
    ctx.forget()


async def product_publish(
    ctx: RequestContext, *, product_id: UUID, is_published: bool, expected_version: int | None
) -> None:
    async with ctx.db.transaction() as session:
        await catalog.set_published(
            session,
            ctx.caller,
            product_id=product_id,
            is_published=is_published,
            expected_version=expected_version,
            currency=ctx.shop.settings.shop_currency,
        )
    ctx.forget()


async def product_delete(ctx: RequestContext, *, product_id: UUID) -> None:
    async with ctx.db.transaction() as session:
        await catalog.archive_product(session, ctx.caller, product_id=product_id)
    ctx.forget()


async def variants_bulk_upsert(
    ctx: RequestContext,
    *,
    merchant_id: UUID,
    drafts: Sequence[catalog.VariantDraft],
    policy: catalog.ErrorPolicy,
) -> list[catalog.Saved]:
    async with ctx.db.transaction() as session:
        saved = await catalog.upsert_variants(
            session,
            ctx.caller,
            merchant_id=merchant_id,
            drafts=drafts,
            currency=ctx.shop.settings.shop_currency,
            policy=policy,
        )
    ctx.forget()
    return saved


async def variant_price_set(
    ctx: RequestContext, *, prices: Sequence[tuple[UUID, NewPrice]]
) -> None:
    async with ctx.db.transaction() as session:
        await catalog.set_prices(
            session, ctx.caller, prices=prices, currency=ctx.shop.settings.shop_currency
        )
    ctx.forget()


async def product_media_update(
    ctx: RequestContext,
    *,
    product_id: UUID,
    changes: catalog.MediaUpdate,
    expected_version: int | None,
) -> None:
    """Pictures are made first: they take time, and no transaction should wait for them."""
    data_dir = ctx.shop.settings.data_dir
    uploads = {
        added.upload_id: ("add", str(n), "uploadId")
        for n, added in enumerate(changes.add)
        if added.upload_id
    }
    pictures = await media.read_pictures(ctx.reader, ctx.caller, data_dir, uploads=uploads)
    async with ctx.db.transaction() as session:
        done_with = await catalog.update_media(
            session,
            ctx.caller,
            product_id=product_id,
            changes=changes,
            pictures=pictures,
            expected_version=expected_version,
        )
    ctx.forget()
    await asyncio.to_thread(media.discard, data_dir, done_with)


async def collection_upsert(
    ctx: RequestContext,
    *,
    collection_id: UUID | None,
    merchant_id: UUID | None,
    change: catalog.CollectionChange,
) -> UUID:
    async with ctx.db.transaction() as session:
        saved = await catalog.save_collection(
            session,
            ctx.caller,
            collection_id=collection_id,
            merchant_id=merchant_id,
            change=change,
        )
    ctx.forget()
    return saved


async def category_upsert(
    ctx: RequestContext, *, category_id: UUID | None, change: catalog.CategoryChange
) -> UUID:
    async with ctx.db.transaction() as session:
        saved = await catalog.save_category(session, category_id=category_id, change=change)
    CATEGORIES.forget()
    ctx.forget()
    return saved


async def brand_upsert(
    ctx: RequestContext, *, brand_id: UUID | None, change: catalog.BrandChange
) -> UUID:
    async with ctx.db.transaction() as session:
        saved = await catalog.save_brand(session, brand_id=brand_id, change=change)
    BRANDS.forget()
    ctx.forget()
    return saved


async def product_type_upsert(
    ctx: RequestContext, *, product_type_id: UUID | None, change: catalog.ProductTypeChange
) -> UUID:
    async with ctx.db.transaction() as session:
        saved = await catalog.save_product_type(
            session, product_type_id=product_type_id, change=change
        )
    PRODUCT_TYPES.forget()
    ctx.forget()
    return saved
