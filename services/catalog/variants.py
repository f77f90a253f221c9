"""Variants, many at a time: made, changed, priced."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, Refusals
from core.identity import Caller, Permission
from services import events
from services.catalog import variant_rows as rows
from services.catalog.denormalised import refresh
from services.catalog.drafts import ErrorPolicy, Saved, VariantDraft
from services.catalog.errors import PermissionMissing, Taken, placed
from services.catalog.permissions import require
from services.catalog.variant_plan import Planned, plan_variants
from services.pricing import put_prices

MAX_DRAFTS: Final = 500


async def upsert_variants(
    session: AsyncSession,
    caller: Caller,
    *,
    merchant_id: UUID,
    drafts: Sequence[VariantDraft],
    currency: str,
    policy: ErrorPolicy,
) -> list[Saved]:
    """`save_variants` for staff: prices need their own permission.

    Raises: NotFound for a merchant whose products the caller does not manage; PermissionMissing;
    InvalidInput for none or too many drafts; Refusals as `save_variants` does.
    """
    require(caller, Permission.MANAGE_PRODUCTS, merchant_id)
    if not 0 < len(drafts) <= MAX_DRAFTS:
        problem = f"Send 1 to {MAX_DRAFTS} variants at once."
        raise InvalidInput(problem=problem, path=("variants",))
    if missing := prices_problem(caller, merchant_id, drafts):
        raise missing
    try:
        return await save_variants(
            session, merchant_id=merchant_id, drafts=drafts, currency=currency, policy=policy
        )
    except Refusals as error:
        raise Refusals([placed(each, "variants") for each in error.refusals]) from None


def prices_problem(
    caller: Caller, merchant_id: UUID, drafts: Sequence[VariantDraft]
) -> PermissionMissing | None:
    """Whoever may not set prices can't do it by way of variants."""
    if caller.may(Permission.MANAGE_PRICES, merchant_id):
        return None
    for n, draft in enumerate(drafts):
        if draft.prices:
            path = ("variants", str(n), "prices")
            return PermissionMissing(permission=Permission.MANAGE_PRICES, path=path)
    return None


async def save_variants(
    session: AsyncSession,
    *,
    merchant_id: UUID,
    drafts: Sequence[VariantDraft],
    currency: str,
    policy: ErrorPolicy = ErrorPolicy.REJECT_EVERYTHING,
) -> list[Saved]:
    """Make or change variants of any products of one merchant; permissions are the caller's thing.

    currency: the shop's. Locks the products. At most 12 statements, however many drafts there are.

    Raises: Refusals with REJECT_EVERYTHING, their paths beginning with the number of the draft;
    Taken, with every policy, when somebody else takes a SKU at the same moment.
    """
    ids = {draft.id for draft in drafts if draft.id}
    skus = {draft.sku for draft in drafts if draft.sku}
    products = await rows.products_of(session, merchant_id, ids=ids, skus=skus)
    products |= {draft.product_id for draft in drafts if draft.product_id}
    options = await rows.lock_products(session, merchant_id, products)
    plan = await plan_variants(
        session, merchant_id=merchant_id, drafts=drafts, options=options, policy=policy
    )
    if policy is ErrorPolicy.REJECT_EVERYTHING:
        refuse_all([each.refusals for each in plan])
    touched = await write_variants(session, merchant_id=merchant_id, plan=plan)
    await refresh(session, touched, currency=currency)
    return [Saved(None if each.is_out else each.id, tuple(each.refusals)) for each in plan]


def refuse_all(refusals: Sequence[Sequence[DomainError]]) -> None:
    """Raises: Refusals of all rows, if there are any; paths begin with the number of the row."""
    found = [placed(each, str(n)) for n, row in enumerate(refusals) for each in row]
    if found:
        raise Refusals(found)


async def write_variants(
    session: AsyncSession, *, merchant_id: UUID, plan: Sequence[Planned]
) -> set[UUID]:
    """Write what was planned, with its prices and events: the products that it touches.

    Their prices and listing must be refreshed afterwards. At most five statements. In the order of
    their SKUs: two who make many alike wait for each other, not in a circle.
    """
    kept = sorted((each for each in plan if not each.is_out), key=_sku)
    new = [each for each in kept if each.old is None]
    made = await rows.insert_variants(session, [_new_row(each, merchant_id) for each in new])
    for each in new:
        if each.id not in made:  # a race that the plan could not see
            raise Taken(value=each.values["sku"], path=("sku",))
    priced = await put_prices(
        session, [(each.id, price) for each in kept for price in each.draft.prices], new=made
    )
    changed = [each for each in kept if each.old and (each.is_changed or each.id in priced)]
    versions = await _updated(session, changed)
    await events.record(
        session,
        *[_event("VariantCreated", each, 1) for each in new],
        *[_event("VariantChanged", each, versions[each.id]) for each in changed],
    )
    return {each.product_id for each in (*new, *changed) if each.product_id}


def _sku(each: Planned) -> str:
    return str(each.values["sku"])


def _new_row(each: Planned, merchant_id: UUID) -> dict[str, Any]:
    owners = {"id": each.id, "product_id": each.product_id, "merchant_id": merchant_id}
    return owners | each.values | {"version": 1}


async def _updated(session: AsyncSession, changed: Sequence[Planned]) -> dict[UUID, int]:
    try:
        return await rows.update_variants(
            session, [{"id": each.id, **each.values} for each in changed]
        )
    except IntegrityError:
        # Somebody else took one of the new SKUs a moment ago, or two variants swap theirs.
        renamed = [each for each in changed if each.old and each.values["sku"] != each.old["sku"]]
        sku = (renamed or changed)[0].values["sku"]
        raise Taken(value=sku, path=("sku",)) from None


def _event(kind: str, each: Planned, version: int) -> dict[str, Any]:
    assert each.product_id is not None, "identified before"
    return events.event(kind, each.id, product_id=each.product_id.hex, version=version)
