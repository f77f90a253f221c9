"""Changes of stock levels: the one way in which units move.

Locks the levels in the order (warehouse, variant) before it changes them, so that two orders of
the same things never wait for each other in a circle; nothing else is locked after stock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Uuid, bindparam, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.inventory import MovementKind, StockLevel, StockMovement
from services import audit, events


class Change(NamedTuple):
    """Units added to (or, below zero, taken from) one stock level.

    reference_id: for what: a checkout, an order, a shipment, a job; None for a count.
    """

    warehouse_id: UUID
    variant_id: UUID
    merchant_id: UUID
    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0
    reference_id: UUID | None = None


def counted(change: Change, on_hand: int, *, reason: str) -> audit.Entry:
    """For the audit log: somebody says that other units lie there than so many."""
    return audit.entry(
        "STOCK_ADJUSTED",
        "ProductVariant",
        change.variant_id,
        merchant_id=change.merchant_id,
        before={"on_hand": on_hand},
        after={
            "on_hand": on_hand + change.on_hand,
            "warehouse_id": change.warehouse_id.hex,
            "reason": reason,
        },
    )


async def apply(
    session: AsyncSession,
    changes: Iterable[Change],
    *,
    kind: MovementKind,
    reference_id: UUID | None = None,
    reason: str = "",
    actor_id: UUID | None = None,
) -> None:
    """Make the changes, each with its row in the movement ledger: three statements for any number.

    One more when a level runs out or has something again: the outbox hears of it.

    reference_id: for what all of the changes are that do not say it themselves.
    The levels must exist. What would oversell fails on the table's own constraint.
    """
    moved = _summed(
        change._replace(reference_id=change.reference_id or reference_id) for change in changes
    )
    sums = _summed(change._replace(reference_id=None) for change in moved)
    if not moved:
        return
    await session.execute(_LOCK, {"warehouses": _each(sums, 0), "variants": _each(sums, 1)})
    left = await session.execute(_UPDATE, {f"c{n}": _each(sums, n) for n in (0, 1, 3, 4, 5)})
    turned = _turned(sums, {row[:2]: row.available for row in left})
    rows = [
        {
            "id": new_id(),
            "warehouse_id": each.warehouse_id,
            "variant_id": each.variant_id,
            "merchant_id": each.merchant_id,
            "kind": kind.value,
            "on_hand_delta": each.on_hand,
            "reserved_delta": each.reserved,
            "allocated_delta": each.allocated,
            "reason": reason,
            "reference_id": each.reference_id,
            "actor_id": actor_id,
        }
        for each in moved
    ]
    await session.execute(insert(StockMovement), rows)
    await events.record(
        session, *[events.event("AvailabilityChanged", variant_id) for variant_id in turned]
    )


def _turned(changes: Sequence[Change], available: Mapping[tuple[UUID, UUID], int]) -> list[UUID]:
    """Variants of which some level had nothing to promise and has now, or the reverse."""
    turned = set()
    for change in changes:
        now = available[change.warehouse_id, change.variant_id]
        before = now - (change.on_hand - change.reserved - change.allocated)
        if (before > 0) != (now > 0):
            turned.add(change.variant_id)
    return sorted(turned)


def _summed(changes: Iterable[Change]) -> list[Change]:
    """One change per level and reference, in the order of locks, without those of no units."""
    sums: defaultdict[Change, list[int]] = defaultdict(lambda: [0, 0, 0])
    for change in changes:
        total = sums[change._replace(on_hand=0, reserved=0, allocated=0)]
        for position, units in enumerate(change[3:6]):
            total[position] += units
    summed = [
        of._replace(on_hand=on_hand, reserved=reserved, allocated=allocated)
        for of, (on_hand, reserved, allocated) in sums.items()
        if on_hand or reserved or allocated
    ]
    return sorted(summed, key=lambda change: change[:2])


def _each(changes: Sequence[Change], position: int) -> list[Any]:
    return [change[position] for change in changes]


def unnested(**columns: Any) -> Any:
    arrays = [bindparam(name, type_=ARRAY(type_)) for name, type_ in columns.items()]
    return func.unnest(*arrays).table_valued(*columns).render_derived(name="changes")


_WANTED = unnested(warehouses=Uuid(), variants=Uuid())
_LOCK = (
    select(StockLevel.warehouse_id)
    .where(
        tuple_(StockLevel.warehouse_id, StockLevel.variant_id).in_(
            select(_WANTED.c.warehouses, _WANTED.c.variants)
        )
    )
    .order_by(StockLevel.warehouse_id, StockLevel.variant_id)
    .with_for_update(key_share=True)
)
_CHANGES = unnested(c0=Uuid(), c1=Uuid(), c3=Integer(), c4=Integer(), c5=Integer())
_UPDATE = (
    update(StockLevel)
    .where(StockLevel.warehouse_id == _CHANGES.c.c0, StockLevel.variant_id == _CHANGES.c.c1)
    .values(
        on_hand=StockLevel.on_hand + _CHANGES.c.c3,
        reserved=StockLevel.reserved + _CHANGES.c.c4,
        allocated=StockLevel.allocated + _CHANGES.c.c5,
    )
    .returning(StockLevel.warehouse_id, StockLevel.variant_id, StockLevel.available)
    .execution_options(synchronize_session=False)
)
