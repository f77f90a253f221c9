"""Rules: what staff wants to come first, higher or last for a query."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals, VersionConflict
from core.ids import new_id
from models.search import SearchRule
from services import audit, catalog, events
from services.search.errors import TooManySearchRules

MAX_RULES: Final = 2_000
MAX_QUERY: Final = 200
MAX_PINNED: Final = 20
MAX_MOVED: Final = 100  # boosted, and as many buried
LOWEST, HIGHEST = 10, 1_000  # factors, in hundredths
_IS_NEW: Final = literal_column("xmax = 0", Boolean()).label("is_new")
_STATE: Final = ("pinned", "boosted", "buried", "is_active")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What shall be different; None leaves a thing as it is. boosted: factors in hundredths."""

    pinned: Sequence[UUID] | None = None
    boosted: Mapping[UUID, int] | None = None
    buried: Sequence[UUID] | None = None
    is_active: bool | None = None

    def values(self) -> dict[str, Any]:
        """The columns that are told. The order of pins counts, that of the others does not."""
        told = {
            "pinned": None if self.pinned is None else list(self.pinned),
            "boosted": None
            if self.boosted is None
            else {str(key): factor for key, factor in self.boosted.items()},
            "buried": None if self.buried is None else sorted(self.buried),
            "is_active": self.is_active,
        }
        return {name: value for name, value in told.items() if value is not None}


async def save_rule(
    session: AsyncSession,
    *,
    query: str,
    change: RuleChange,
    expected_version: int | None = None,
) -> UUID:
    """Make the rule for a query, or change it; nothing new is a no-op. Locks it.

    query: normalised.

    Raises: VersionConflict, TooManySearchRules, NotFound of products and Refusals of all that is
    wrong.
    """
    row, is_new = await _locked(session, query)
    if expected_version not in {None, row.version}:
        raise VersionConflict(current_version=row.version, path=("expectedVersion",))
    old = {name: getattr(row, name) for name in _STATE}
    state = old | change.values()
    if problems := [*_problems(query, state), *await _strangers(session, change)]:
        raise Refusals(problems)
    if state == old and not is_new:
        return row.id  # type: ignore[no-any-return]
    version = row.version if is_new else row.version + 1
    await session.execute(
        update(SearchRule)
        .where(SearchRule.id == row.id)
        .values(**state, version=version, updated_at=func.now())
    )
    await _tell(session, "SearchRuleChanged", row, version, _difference(old, state))
    return row.id  # type: ignore[no-any-return]


async def delete_rule(session: AsyncSession, *, rule_id: UUID) -> None:
    """Raises: NotFound."""
    gone = delete(SearchRule).where(SearchRule.id == rule_id).returning(*SearchRule.__table__.c)
    row = (await session.execute(gone)).one_or_none()
    if row is None:
        raise NotFound(kind="SearchRule", id=rule_id, path=("id",))
    before = _plain({name: getattr(row, name) for name in _STATE})
    await _tell(session, "SearchRuleDeleted", row, row.version, {"before": before, "after": {}})


async def _locked(session: AsyncSession, query: str) -> tuple[Any, bool]:
    """The rule, and whether it was made just now. Raises: TooManySearchRules."""
    made = insert(SearchRule).values(id=new_id(), query=query, version=1)
    # The update changes nothing: it locks the row, also one that appears at the same time.
    there = made.on_conflict_do_update(
        index_elements=["query"], set_={"query": made.excluded.query}
    )
    row = (await session.execute(there.returning(*SearchRule.__table__.c, _IS_NEW))).one()
    if row.is_new:
        count = await session.scalar(select(func.count()).select_from(SearchRule))
        if (count or 0) > MAX_RULES:
            raise TooManySearchRules(maximum=MAX_RULES)
    return row, row.is_new


def _problems(query: str, state: Mapping[str, Any]) -> Iterator[DomainError]:
    if not 1 <= len(query) <= MAX_QUERY:
        problem = f"A query has a word at least, and at most {MAX_QUERY} characters."
        yield InvalidInput(problem=problem, path=("query",))
    pinned, boosted, buried = state["pinned"], state["boosted"], state["buried"]
    limits = (("pinned", pinned, MAX_PINNED), ("boosted", boosted, MAX_MOVED))
    for name, products, most in (*limits, ("buried", buried, MAX_MOVED)):
        if len(products) > most:
            yield InvalidInput(problem=f"At most {most} products.", path=(name,))
    for name, products in (("pinned", pinned), ("buried", buried)):
        if len({*products}) < len(products):
            yield InvalidInput(problem="Each product once only.", path=(name,))
    if not all(LOWEST <= factor <= HIGHEST for factor in boosted.values()):
        problem = f"A factor is between {LOWEST / 100} and {HIGHEST / 100:.0f}."
        yield InvalidInput(problem=problem, path=("boosted",))
    if {*buried} & {*pinned, *map(UUID, boosted)}:
        problem = "A product can't come last and be pinned or boosted as well."
        yield InvalidInput(problem=problem, path=("buried",))


async def _strangers(session: AsyncSession, change: RuleChange) -> list[DomainError]:
    """NotFound of each product that does not exist, where it is named: one statement."""
    named = [
        *((each, ("pinned", str(n))) for n, each in enumerate(change.pinned or ())),
        *((each, ("boosted", str(n), "productId")) for n, each in enumerate(change.boosted or ())),
        *((each, ("buried", str(n))) for n, each in enumerate(change.buried or ())),
    ]
    if not named:
        return []
    known = await catalog.known_products(session, {each for each, _ in named})
    return [
        NotFound(kind="Product", id=each, path=path) for each, path in named if each not in known
    ]


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    return audit.difference(_plain(old), _plain(new))


def _plain(state: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON."""
    ids = {name: [each.hex for each in state[name]] for name in ("pinned", "buried")}
    return {**state, **ids}


async def _tell(
    session: AsyncSession, kind: str, row: Any, version: int, told: Mapping[str, Any]
) -> None:
    await events.record(session, events.event(kind, row.id, version=version))
    action = "SEARCH_RULE_DELETED" if kind == "SearchRuleDeleted" else "SEARCH_RULE_CHANGED"
    before, after = ({"query": row.query, **told[name]} for name in ("before", "after"))
    noted = audit.entry(action, "SearchRule", row.id, before=before, after=after)
    await audit.record(session, noted)
