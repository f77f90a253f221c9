"""Products, many at a time, with their texts, attributes, variants and prices."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.catalog import ProductStatus
from services import events
from services.catalog import product_rows as rows
from services.catalog.denormalised import refresh
from services.catalog.drafts import ErrorPolicy, ProductDraft, Saved
from services.catalog.errors import Taken
from services.catalog.product_plan import PlannedProduct, plan_products
from services.catalog.texts import last_slug
from services.catalog.variants import refuse_all, write_variants


async def save_products(
    session: AsyncSession,
    *,
    merchant_id: UUID,
    drafts: Sequence[ProductDraft],
    currency: str,
    policy: ErrorPolicy = ErrorPolicy.REJECT_EVERYTHING,
) -> list[Saved]:
    """Make or change whole products of one merchant; permissions are the caller's thing.

    currency: the shop's. New products are drafts: `set_listing` publishes them. Locks the products
    to be changed. At most 21 statements, however many drafts there are.

    Raises: Refusals with REJECT_EVERYTHING, their paths beginning with the number of the draft;
    Taken, with every policy, when somebody else takes a slug or SKU at the same moment.
    """
    plan = await plan_products(session, merchant_id=merchant_id, drafts=drafts, policy=policy)
    if policy is ErrorPolicy.REJECT_EVERYTHING:
        refuse_all([each.refusals for each in plan])
    kept = [each for each in plan if not each.is_out]
    await _insert(session, merchant_id, [each for each in kept if each.old is None])
    touched = await _write_parts(session, kept)
    changed = [each for each in kept if each.old and (each.is_changed or each.id in touched)]
    versions = await _update(session, changed)
    await events.record(
        session,
        *[
            events.event(
                "ProductChanged" if each.old else "ProductCreated",
                each.id,
                merchant_id=merchant_id.hex,
                version=versions.get(each.id, 1),
            )
            for each in kept
            if each.old is None or each.id in versions
        ],
    )
    touched |= versions.keys() | await write_variants(
        session,
        merchant_id=merchant_id,
        plan=[variant for each in kept for variant in each.variants],
    )
    await refresh(session, touched, currency=currency)
    return [Saved(None if each.is_out else each.id, tuple(each.refusals)) for each in plan]


async def _insert(session: AsyncSession, merchant_id: UUID, new: Sequence[PlannedProduct]) -> None:
    """In the order of their slugs: two who make many alike wait for each other, not in a circle."""
    ordered = sorted(new, key=lambda each: str(each.values["slug"]))
    made = await rows.insert_products(session, [_new_row(each, merchant_id) for each in ordered])
    late = [each for each in ordered if each.id not in made]
    for each in late:
        if each.draft.slug is not None:
            raise Taken(value=each.draft.slug, path=("slug",))
        each.values["slug"] = last_slug(each.values["slug"], each.id)
    made |= await rows.insert_products(session, [_new_row(each, merchant_id) for each in late])
    for each in late:
        if each.id not in made:
            raise Taken(value=each.draft.external_reference or "", path=("externalReference",))


def _new_row(each: PlannedProduct, merchant_id: UUID) -> dict[str, Any]:
    usual = {
        "status": ProductStatus.DRAFT,
        "is_listed": False,
        "price_min_minor": 0,
        "price_max_minor": 0,
        "rating_average": 0,
        "rating_count": 0,
        "attributes_search": [],
        "version": 1,
    }
    return {"id": each.id, "merchant_id": merchant_id} | each.values | usual


async def _write_parts(session: AsyncSession, kept: Sequence[PlannedProduct]) -> set[UUID]:
    """Long texts and attribute values: the products for which they are others now."""
    texts = [
        {"product_id": each.id, "description": each.draft.description}
        for each in kept
        if each.draft.description is not None
    ]
    touched = await rows.put_texts(session, texts)
    described = {each.id: each.attributes for each in kept if each.attributes is not None}
    values = [
        {"id": new_id(), "product_id": product_id, "attribute_id": attribute_id, "value": value}
        for product_id, pairs in described.items()
        for attribute_id, value in pairs
    ]
    return touched | await rows.put_attributes(session, described.keys(), values)


async def _update(session: AsyncSession, changed: Sequence[PlannedProduct]) -> dict[UUID, int]:
    try:
        return await rows.update_products(
            session, [{"id": each.id, **each.values} for each in changed]
        )
    except IntegrityError:
        # Somebody else took one of the new names a moment ago, or two products swap theirs.
        renamed = [each for each in changed if each.old and each.old["slug"] != each.values["slug"]]
        slug = (renamed or changed)[0].values["slug"]
        raise Taken(value=slug, path=("slug",)) from None
