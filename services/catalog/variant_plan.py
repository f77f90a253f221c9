"""What drafts of variants come to: everything is checked before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound
from core.ids import new_id
from services.catalog import variant_checks as checks, variant_rows as rows
from services.catalog.drafts import ErrorPolicy, Texts, VariantDraft
from services.catalog.errors import Taken
from services.catalog.texts import DEFAULT_LANGUAGE, merged

MAX_VARIANTS: Final = 500  # of one product: they are shown as one list
Options = Mapping[UUID, Sequence[Any]]  # product id -> its options


@dataclass(slots=True)
class Planned:
    """A variant on its way. is_out: it is left out; values: the row as it shall be."""

    draft: VariantDraft
    old: dict[str, Any] | None = None
    id: UUID = field(default_factory=new_id)
    product_id: UUID | None = None
    values: dict[str, Any] = field(default_factory=dict)
    refusals: list[DomainError] = field(default_factory=list)
    is_out: bool = False

    def leave_out(self, refusal: DomainError) -> None:
        self.refusals.append(refusal)
        self.is_out = True

    @property
    def is_changed(self) -> bool:
        return self.old is not None and any(
            self.old[name] != self.values[name] for name in rows.VALUES
        )


async def plan_variants(
    session: AsyncSession,
    *,
    merchant_id: UUID,
    drafts: Sequence[VariantDraft],
    options: Options,
    policy: ErrorPolicy,
) -> list[Planned]:
    """One plan per draft, in order: three statements.

    options: of the products that the drafts may belong to: locked, or about to be made.
    """
    if not drafts:
        return []
    found = await rows.known(
        session,
        merchant_id,
        ids={draft.id for draft in drafts if draft.id},
        skus={draft.sku for draft in drafts if draft.sku},
    )
    planner = Planner(found, options, policy)
    plan = [planner.planned(draft) for draft in drafts]
    await _settle_choices(session, plan, policy)
    await _settle_places(session, plan)
    return plan


class Planner:
    """Knows the variants that the drafts may mean, and which of them earlier drafts claimed."""

    def __init__(self, found: list[dict[str, Any]], options: Options, policy: ErrorPolicy) -> None:
        self.by_id = {row["id"]: row for row in found}
        self.by_sku = {row["sku"]: row for row in found}
        self.options = options
        self.is_lenient = policy is ErrorPolicy.IGNORE_FAILED
        self.claimed: set[UUID | str] = set()

    def planned(self, draft: VariantDraft) -> Planned:
        wrong = checks.problems(draft)
        each = Planned(checks.without(draft, wrong))
        each.refusals += [problem for problems in wrong.values() for problem in problems]
        each.is_out = bool(wrong) and not self.is_lenient
        if not each.is_out:
            self._identify(each)
        if not each.is_out:
            self._fill(each)
        return each

    def _identify(self, each: Planned) -> None:
        """Which variant it is, or of which product a new one shall be."""
        draft = each.draft
        if refusal := self._identity_problem(draft):
            each.leave_out(refusal)
            return
        each.old = self._old(draft)
        if each.old is None:
            each.product_id = draft.product_id
        else:
            each.id, each.product_id = each.old["id"], each.old["product_id"]
        names = {each.id, draft.sku or each.id}
        if names & self.claimed:
            problem = "This variant or SKU is named twice."
            each.leave_out(InvalidInput(problem=problem, path=("id" if draft.id else "sku",)))
        self.claimed |= names

    def _old(self, draft: VariantDraft) -> dict[str, Any] | None:
        return self.by_id.get(draft.id) if draft.id else self.by_sku.get(draft.sku or "")

    def _identity_problem(self, draft: VariantDraft) -> DomainError | None:
        old = self._old(draft)
        if old is None:
            return self._problem_of_new(draft)
        if draft.product_id in {None, old["product_id"]}:
            if old["product_id"] in self.options:
                return None
            return NotFound(kind="ProductVariant", id=draft.id or draft.sku, path=("id",))
        if draft.id is None:
            return Taken(value=draft.sku or "", path=("sku",))
        problem = "A variant can't move to another product."
        return InvalidInput(problem=problem, path=("productId",))

    def _problem_of_new(self, draft: VariantDraft) -> DomainError | None:
        if draft.id:
            return NotFound(kind="ProductVariant", id=draft.id, path=("id",))
        if not draft.sku:
            return InvalidInput(problem="A variant needs an id or a SKU.", path=("sku",))
        if draft.product_id is None:
            return InvalidInput(problem="A new variant needs a product.", path=("productId",))
        if draft.product_id not in self.options:
            return NotFound(kind="Product", id=draft.product_id, path=("productId",))
        return None

    def _fill(self, each: Planned) -> None:
        old, draft = each.old, each.draft
        each.values = {name: old[name] for name in rows.VALUES} if old else dict(_USUAL)
        for name in ("position", "weight_grams", "minimum_quantity", "is_active"):
            if (value := getattr(draft, name)) is not None:
                each.values[name] = value
        if draft.barcode is not None:
            each.values["barcode"] = draft.barcode or None
        self._rename(each)
        self._choose(each)
        self._name(each)

    def _name(self, each: Planned) -> None:
        """The merchant's name for it, or one made of its options, which changes with them."""
        assert each.product_id is not None, "identified before"
        options = self.options[each.product_id]
        kept: Texts = each.values["name"]
        if each.old and kept == checks.made_name(each.old["options"], options):
            kept = {}
        kept = merged(kept, each.draft.name or {})
        if DEFAULT_LANGUAGE not in kept:
            kept = checks.made_name(each.values["options"], options) | kept
        each.values["name"] = kept

    def _rename(self, each: Planned) -> None:
        sku = each.draft.sku
        if sku is None or sku == each.values["sku"]:
            return
        if sku in self.by_sku:  # of another variant: its own was compared above
            self._refuse_part(each, Taken(value=sku, path=("sku",)))
        else:
            each.values["sku"] = sku

    def _choose(self, each: Planned) -> None:
        """Its value of each option: checked when it is given, or first needed."""
        old, chosen = each.old, each.draft.options
        is_awake = old is not None and each.values["is_active"] and not old["is_active"]
        if old is not None and chosen is None and not is_awake:
            return
        wanted = dict(chosen) if chosen is not None else each.values["options"]
        assert each.product_id is not None, "identified before"
        problem = checks.options_problem(each.values["sku"], wanted, self.options[each.product_id])
        if problem:
            self._refuse_part(each, problem, is_needed=is_awake)
        else:
            each.values["options"] = wanted
            each.values["options_key"] = checks.options_key(wanted)

    def _refuse_part(self, each: Planned, refusal: DomainError, *, is_needed: bool = False) -> None:
        refuse_part(each, refusal, is_lenient=self.is_lenient and not is_needed)


_USUAL: Final[dict[str, Any]] = {
    "sku": "",
    "barcode": None,
    "name": {},
    "options": {},
    "options_key": "",
    "position": None,
    "weight_grams": 0,
    "minimum_quantity": 1,
    "is_active": True,
}


def refuse_part(each: Planned, refusal: DomainError, *, is_lenient: bool) -> None:
    """Keep the old value of a part, if there is one and the policy is lenient; else leave out."""
    each.refusals.append(refusal)
    each.is_out = each.is_out or each.old is None or not is_lenient


async def _settle_choices(
    session: AsyncSession, plan: Sequence[Planned], policy: ErrorPolicy
) -> None:
    """Refuse a combination of options that another variant of the product has: one statement."""
    changed = [each for each in plan if not each.is_out and _is_new_choice(each)]
    if not changed:
        return
    taken = await rows.same_choice(
        session,
        {each.product_id for each in changed if each.product_id},
        {each.values["options_key"] for each in changed},
    )
    for each in changed:
        assert each.product_id is not None, "identified before"
        key = each.values["options_key"]
        if taken.setdefault((each.product_id, key), each.id) != each.id:
            refuse_part(
                each,
                Taken(value=key, path=("options",)),
                is_lenient=policy is ErrorPolicy.IGNORE_FAILED,
            )
            if each.old is not None:
                kept = ("options", "options_key", "name")
                each.values |= {name: each.old[name] for name in kept}


def _is_new_choice(each: Planned) -> bool:
    return each.old is None or each.old["options_key"] != each.values["options_key"]


async def _settle_places(session: AsyncSession, plan: Sequence[Planned]) -> None:
    """New ones stand last, if they don't say where; a product has room for MAX_VARIANTS."""
    new = [each for each in plan if not each.is_out and each.old is None]
    if not new:
        return
    known = await rows.counts(session, {each.product_id for each in new if each.product_id})
    for each in new:
        assert each.product_id is not None, "identified before"
        count, top = known.get(each.product_id, (0, -1))
        if count >= MAX_VARIANTS:
            problem = f"A product has at most {MAX_VARIANTS} variants."
            each.leave_out(InvalidInput(problem=problem, path=("productId",)))
            continue
        if each.values["position"] is None:
            each.values["position"] = top + 1
        known[each.product_id] = count + 1, max(top, each.values["position"])
