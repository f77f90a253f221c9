"""What drafts of products come to: everything is checked before anything is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, NotFound
from core.ids import new_id
from services.catalog import product_checks as checks, product_rows as rows
from services.catalog.drafts import ErrorPolicy, ProductDraft, VariantDraft
from services.catalog.errors import Taken, placed
from services.catalog.texts import (
    DEFAULT_LANGUAGE,
    last_slug,
    made_slugs,
    slug_of,
    sort_name,
)
from services.catalog.variant_checks import options_problem
from services.catalog.variant_plan import Planned, plan_variants


@dataclass(slots=True)
class PlannedProduct:
    """A product on its way. is_out: it is left out; values: the row as it shall be.

    attributes: (attribute id, value) of all values it shall have; None: as they are.
    """

    draft: ProductDraft
    id: UUID
    old: dict[str, Any] | None = None
    values: dict[str, Any] = field(default_factory=dict)
    attributes: list[tuple[UUID, str]] | None = None
    variants: list[Planned] = field(default_factory=list)
    refusals: list[DomainError] = field(default_factory=list)
    is_out: bool = False

    def leave_out(self, *refusals: DomainError) -> None:
        self.refusals += refusals
        self.is_out = True

    @property
    def is_changed(self) -> bool:
        return self.old is not None and any(
            self.old[name] != self.values[name] for name in rows.VALUES
        )


async def plan_products(
    session: AsyncSession,
    *,
    merchant_id: UUID,
    drafts: Sequence[ProductDraft],
    policy: ErrorPolicy,
) -> list[PlannedProduct]:
    """One plan per draft, in order. Locks the products that the drafts name."""
    is_lenient = policy is ErrorPolicy.IGNORE_FAILED
    plan = [_checked(draft, is_lenient=is_lenient) for draft in drafts]
    await _find_old(session, merchant_id, plan)
    await _check_references(session, plan, is_lenient=is_lenient)
    for each in _kept(plan):
        each.values = _values(each)
    await _check_names(session, merchant_id, plan)
    await _plan_variants(session, merchant_id, plan, policy)
    return plan


def _kept(plan: Iterable[PlannedProduct]) -> list[PlannedProduct]:
    return [each for each in plan if not each.is_out]


def _checked(draft: ProductDraft, *, is_lenient: bool) -> PlannedProduct:
    wrong = checks.problems(draft)
    fatal = wrong if not is_lenient else wrong.keys() - checks.OPTIONAL
    good = checks.without(draft, checks.OPTIONAL.intersection(wrong))
    planned = PlannedProduct(good, draft.id or new_id(), is_out=bool(fatal))
    planned.refusals += [problem for problems in wrong.values() for problem in problems]
    return planned


async def _find_old(
    session: AsyncSession, merchant_id: UUID, plan: Sequence[PlannedProduct]
) -> None:
    old = await rows.lock(
        session, merchant_id, {each.id for each in plan if each.draft.id is not None}
    )
    for each in plan:
        if each.draft.id is not None:
            each.old = old.pop(each.id, None)  # a product named twice is found once
            if each.old is None:
                each.leave_out(NotFound(kind="Product", id=each.id, path=("id",)))


async def _check_references(
    session: AsyncSession, plan: Sequence[PlannedProduct], *, is_lenient: bool
) -> None:
    """Category, brand, type and the attributes of the type: two statements."""
    drafts = [each.draft for each in _kept(plan)]
    types = {draft.product_type_id for draft in drafts if draft.product_type_id}
    known = await rows.references(
        session,
        categories={draft.category_id for draft in drafts},
        brands={draft.brand_id for draft in drafts if draft.brand_id},
        types=types,
    )
    attributes = await rows.type_attributes(session, types)
    for each in _kept(plan):
        for attribute, refusal in _unknown(each.draft, known):
            each.refusals.append(refusal)
            if is_lenient and attribute in checks.OPTIONAL:
                each.draft = checks.without(each.draft, [attribute])
            else:
                each.is_out = True
        if each.is_out:
            continue
        if each.old and each.old["product_type_id"] != each.draft.product_type_id:
            each.attributes = []  # those of the former type say nothing any more
        if each.draft.attributes is not None:
            of_type = attributes.get(each.draft.product_type_id or UUID(int=0), {})
            each.attributes, wrong = checks.attribute_values(each.draft.attributes, of_type)
            each.refusals += wrong
            each.is_out = bool(wrong) and not is_lenient


def _unknown(draft: ProductDraft, known: set[tuple[str, UUID]]) -> list[tuple[str, DomainError]]:
    """(attribute of the draft, refusal) for each reference that leads nowhere."""
    wanted = (
        ("category_id", "Category", "categoryId"),
        ("brand_id", "Brand", "brandId"),
        ("product_type_id", "ProductType", "productTypeId"),
    )
    return [
        (attribute, NotFound(kind=kind, id=key, path=(written,)))
        for attribute, kind, written in wanted
        if (key := getattr(draft, attribute)) is not None and (kind, key) not in known
    ]


def _values(each: PlannedProduct) -> dict[str, Any]:
    draft, old = each.draft, each.old
    if old is not None:
        slug = draft.slug or old["slug"]
    else:
        slug = draft.slug or slug_of(draft.name[DEFAULT_LANGUAGE], otherwise="product")
    return {
        "product_type_id": draft.product_type_id,
        "category_id": draft.category_id,
        "brand_id": draft.brand_id,
        "slug": slug,
        "name": dict(draft.name),
        "name_sort": sort_name(draft.name),
        "summary": dict(draft.summary),
        "options": checks.stored_options(draft.options),
        "external_reference": draft.external_reference,
    }


async def _check_names(
    session: AsyncSession, merchant_id: UUID, plan: Sequence[PlannedProduct]
) -> None:
    """Slugs and external references are unique: one statement, and the index for races."""
    kept = _kept(plan)
    wanted = {
        slug
        for each in kept
        for slug in (
            [each.values["slug"]] if _is_slug_given(each) else made_slugs(each.values["slug"])
        )
    }
    references = {each.draft.external_reference for each in kept if each.draft.external_reference}
    slugs, known = await rows.names(session, merchant_id, slugs=wanted, references=references)
    for each in kept:
        if not _is_slug_given(each):
            base = each.values["slug"]
            free = (slug for slug in made_slugs(base) if slug not in slugs)
            each.values["slug"] = next(free, last_slug(base, each.id))
        slug, reference = each.values["slug"], each.draft.external_reference
        if slugs.setdefault(slug, each.id) != each.id:
            each.leave_out(Taken(value=slug, path=("slug",)))
        elif reference and known.setdefault(reference, each.id) != each.id:
            each.leave_out(Taken(value=reference, path=("externalReference",)))


def _is_slug_given(each: PlannedProduct) -> bool:
    return each.old is not None or each.draft.slug is not None


async def _plan_variants(
    session: AsyncSession,
    merchant_id: UUID,
    plan: Sequence[PlannedProduct],
    policy: ErrorPolicy,
) -> None:
    """Variants of the drafts, and those whose product offers other options now."""
    kept = _kept(plan)
    pairs = [(each, draft) for each in kept for draft in each.draft.variants]
    planned = await plan_variants(
        session,
        merchant_id=merchant_id,
        drafts=[_of(each, draft) for each, draft in pairs],
        options={each.id: each.values["options"] for each in kept},
        policy=policy,
    )
    for (each, _), variant in zip(pairs, planned, strict=True):
        place = ("variants", str(len(each.variants)))
        each.variants.append(variant)
        each.refusals += [placed(refusal, *place) for refusal in variant.refusals]
        if variant.refusals and policy is not ErrorPolicy.IGNORE_FAILED:
            each.is_out = True
    await _check_other_variants(session, kept)


def _of(each: PlannedProduct, draft: VariantDraft) -> VariantDraft:
    return VariantDraft(
        id=draft.id,
        sku=draft.sku,
        product_id=each.id,
        options=draft.options,
        name=draft.name,
        barcode=draft.barcode,
        position=draft.position,
        weight_grams=draft.weight_grams,
        minimum_quantity=draft.minimum_quantity,
        is_active=draft.is_active,
        prices=draft.prices,
    )


async def _check_other_variants(session: AsyncSession, plan: Sequence[PlannedProduct]) -> None:
    """Active variants must fit the options that their product is about to have."""
    changed = {
        each.id: each
        for each in _kept(plan)
        if each.old
        and checks.choices(each.old["options"]) != checks.choices(each.values["options"])
    }
    planned = {
        variant.id: variant.values
        for each in changed.values()
        for variant in each.variants
        if not variant.is_out
    }
    for row in await rows.active_variants(session, changed.keys()):
        values: Mapping[str, Any] = planned.get(row.id) or {
            "options": row.options,
            "is_active": True,
        }
        each = changed[row.product_id]
        problem = options_problem(row.sku, values["options"], each.values["options"])
        if problem and values["is_active"]:
            each.leave_out(problem)
