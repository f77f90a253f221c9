"""What staff says about stock: counted, arrived, broken; always with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Uuid, any_, bindparam, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import DomainError, InvalidInput, NotFound, Refusals
from core.identity import Caller, Permission
from models.catalog import Variant
from models.inventory import MovementKind, StockLevel, Warehouse
from services import audit, events, idempotency
from services.idempotency import Claim
from services.inventory import levels
from services.inventory.errors import StockChanged, StockPromised, WarehouseClosed
from services.inventory.levels import Change

MAX_LINES: Final = 100
MAX_UNITS: Final = 1_000_000_000
MAX_REASON_CHARACTERS: Final = 200
ADJUST: Final = "stockAdjust"

Level = tuple[UUID, UUID]  # warehouse id, variant id: the order of locks


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Of one level: `delta` units more (or fewer), or exactly `set_to` units.

    change_from: the units that the caller believes to lie there; None: however many.
    safety_stock: below how many the level counts as low; None leaves it.
    """

    warehouse_id: UUID
    variant_id: UUID
    delta: int | None = None
    set_to: int | None = None
    change_from: int | None = None
    safety_stock: int | None = None

    @property
    def level(self) -> Level:
        return self.warehouse_id, self.variant_id

    def units(self, on_hand: int) -> int:
        """How many units come (or, below zero, go) when so many lie there."""
        return self.set_to - on_hand if self.set_to is not None else self.delta or 0


async def adjust(
    session: AsyncSession,
    caller: Caller,
    *,
    lines: Sequence[Adjustment],
    reason: str,
    idempotency_key: str,
) -> None:
    """Correct stock levels, all or none; a level that is not there begins with nothing.

    Holds the warehouses against being closed, then locks the levels: the last locks before the
    commit.

    Raises: InvalidInput, NotFound, IdempotencyConflict; Refusals of WarehouseClosed, StockChanged
    and StockPromised, one per line that is to blame.
    """
    reason = _checked(lines, reason)
    assert caller.subject is not None, "staff is signed in"
    claim = Claim(caller.subject, ADJUST, idempotency_key)
    arguments = {"lines": [asdict(line) for line in lines], "reason": reason}
    if await idempotency.begin(session, claim, arguments=arguments) is not None:
        return
    merchants = await _merchants(session, caller, lines)
    changes, before = await _changes(session, lines, merchants)
    await levels.apply(
        session,
        changes,
        kind=MovementKind.ADJUSTMENT,
        reason=reason,
        actor_id=caller.subject,
    )
    await _set_safety_stock(session, lines)
    await events.record(
        session,
        *[
            events.event(
                "StockAdjusted",
                change.variant_id,
                warehouse_id=change.warehouse_id.hex,
                on_hand_delta=change.on_hand,
            )
            for change in changes
            if change.on_hand
        ],
    )
    await audit.record(
        session,
        *[
            levels.counted(change, before[change[:2]], reason=reason)
            for change in changes
            if change.on_hand
        ],
    )
    await idempotency.finish(session, claim, result={})


def _checked(lines: Sequence[Adjustment], reason: str) -> str:
    """The reason without spaces around it. Raises: InvalidInput."""
    reason = reason.strip()
    if not 1 <= len(reason) <= MAX_REASON_CHARACTERS:
        problem = f"A reason has 1 to {MAX_REASON_CHARACTERS} characters."
        raise InvalidInput(problem=problem, path=("reason",))
    if not 1 <= len(lines) <= MAX_LINES:
        raise InvalidInput(problem=f"Give 1 to {MAX_LINES} lines.", path=("lines",))
    known: set[Level] = set()
    for n, line in enumerate(lines):
        here = "lines", str(n)
        if line.level in known:
            raise InvalidInput(problem="This level is in the list already.", path=here)
        known.add(line.level)
        _check_numbers(line, here)
    return reason


def _check_numbers(line: Adjustment, here: tuple[str, str]) -> None:
    if line.delta is not None and line.set_to is not None:
        raise InvalidInput(problem="Say either delta or setTo.", path=here)
    if line.delta is None and line.set_to is None and line.safety_stock is None:
        raise InvalidInput(problem="Say delta, setTo or safetyStock.", path=here)
    limits = {
        "delta": (line.delta, -MAX_UNITS),
        "setTo": (line.set_to, 0),
        "changeFromQuantity": (line.change_from, 0),
        "safetyStock": (line.safety_stock, 0),
    }
    for name, (value, lowest) in limits.items():
        if value is not None and not lowest <= value <= MAX_UNITS:
            problem = f"It must be {lowest} to {MAX_UNITS}."
            raise InvalidInput(problem=problem, path=(*here, name))


async def _merchants(
    session: AsyncSession, caller: Caller, lines: Sequence[Adjustment]
) -> dict[Level, UUID]:
    """Whose each level is. Raises: NotFound; Refusals of WarehouseClosed."""
    warehouses = await session.execute(_WAREHOUSES, {"ids": [each.warehouse_id for each in lines]})
    places = {
        row.id: row
        for row in warehouses
        if caller.may(Permission.MANAGE_INVENTORY, row.merchant_id)
    }
    variants = await session.execute(_VARIANTS, {"ids": [each.variant_id for each in lines]})
    sellers = {row.id: row.merchant_id for row in variants}
    closed: list[DomainError] = []
    for n, line in enumerate(lines):
        here = "lines", str(n)
        place = places.get(line.warehouse_id)
        if place is None:
            path = (*here, "warehouseId")
            raise NotFound(kind="Warehouse", id=line.warehouse_id, path=path)
        if sellers.get(line.variant_id) != place.merchant_id:
            path = (*here, "variantId")
            raise NotFound(kind="ProductVariant", id=line.variant_id, path=path)
        if not place.is_active:
            path = (*here, "warehouseId")
            closed.append(WarehouseClosed(warehouse_id=line.warehouse_id, path=path))
    if closed:
        raise Refusals(closed)
    return {line.level: places[line.warehouse_id].merchant_id for line in lines}


async def _changes(
    session: AsyncSession, lines: Sequence[Adjustment], merchants: Mapping[Level, UUID]
) -> tuple[list[Change], dict[Level, int]]:
    """Make missing levels, lock all of them, and say what changes, and how many lay there.

    Raises: Refusals.
    """
    places = sorted(merchants)
    new = [
        {"warehouse_id": level[0], "variant_id": level[1], "merchant_id": merchants[level]}
        for level in places
    ]
    await session.execute(_ADD.values(new))
    found = await session.execute(
        _LOCK,
        {"warehouses": [level[0] for level in places], "variants": [level[1] for level in places]},
    )
    known = {(row.warehouse_id, row.variant_id): row for row in found}
    refusals = [
        refusal
        for n, line in enumerate(lines)
        if (refusal := _refusal(line, known[line.level], ("lines", str(n))))
    ]
    if refusals:
        raise Refusals(refusals)
    before = {level: row.on_hand for level, row in known.items()}
    changes = [
        Change(*line.level, merchants[line.level], on_hand=line.units(before[line.level]))
        for line in lines
    ]
    return changes, before


def _refusal(line: Adjustment, row: Any, here: tuple[str, str]) -> DomainError | None:
    place: dict[str, Any] = {"warehouse_id": line.warehouse_id, "variant_id": line.variant_id}
    if line.change_from not in (None, row.on_hand):
        path = (*here, "changeFromQuantity")
        return StockChanged(**place, on_hand=row.on_hand, path=path)
    name = "setTo" if line.set_to is not None else "delta"
    left, promised = row.on_hand + line.units(row.on_hand), row.reserved + row.allocated
    if left < promised:
        return StockPromised(**place, on_hand=row.on_hand, promised=promised, path=(*here, name))
    if left > MAX_UNITS:
        return InvalidInput(problem=f"A level holds at most {MAX_UNITS} units.", path=(*here, name))
    return None


async def _set_safety_stock(session: AsyncSession, lines: Sequence[Adjustment]) -> None:
    named = sorted(
        (*line.level, line.safety_stock) for line in lines if line.safety_stock is not None
    )
    if named:
        columns = zip(*named, strict=True)
        names = ("c0", "c1", "c2")
        await session.execute(_SAFETY, dict(zip(names, map(list, columns), strict=True)))


_IDS = bindparam("ids", type_=ARRAY(Uuid()))
_WAREHOUSES = (
    select(Warehouse.id, Warehouse.merchant_id, Warehouse.is_active)
    .where(Warehouse.id == any_(_IDS))
    .order_by(Warehouse.id)
    .with_for_update(read=True)
)
_VARIANTS = select(Variant.id, Variant.merchant_id).where(Variant.id == any_(_IDS))
_ADD = insert(StockLevel).on_conflict_do_nothing()
_WANTED = levels.unnested(warehouses=Uuid(), variants=Uuid())
_LOCK = (
    select(
        StockLevel.warehouse_id,
        StockLevel.variant_id,
        StockLevel.on_hand,
        StockLevel.reserved,
        StockLevel.allocated,
    )
    .where(
        tuple_(StockLevel.warehouse_id, StockLevel.variant_id).in_(
            select(_WANTED.c.warehouses, _WANTED.c.variants)
        )
    )
    .order_by(StockLevel.warehouse_id, StockLevel.variant_id)
    .with_for_update(key_share=True)
)
_LIMITS = levels.unnested(c0=Uuid(), c1=Uuid(), c2=Integer())
_SAFETY = (
    update(StockLevel)
    .where(StockLevel.warehouse_id == _LIMITS.c.c0, StockLevel.variant_id == _LIMITS.c.c1)
    .values(safety_stock=_LIMITS.c.c2)
    .execution_options(synchronize_session=False)
)
