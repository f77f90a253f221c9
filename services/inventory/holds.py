"""Stock held for checkouts, sold to orders, given back, shipped."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusals
from core.ids import new_id
from models.inventory import (
    MovementKind,
    ReservationStatus,
    StockLevel,
    StockReservation,
    Warehouse,
)
from services.inventory import levels
from services.inventory.errors import OutOfStock
from services.inventory.levels import Change

Records = Sequence[Any]  # rows of a statement, by attribute
Level = tuple[UUID, UUID]  # warehouse id, variant id


async def reserve(
    session: AsyncSession,
    *,
    checkout_id: UUID,
    wanted: Mapping[UUID, int],
    expires_at: datetime,
    instead_of: Sequence[UUID] = (),
) -> None:
    """Hold units for a checkout until a moment: all of them, or none.

    wanted: variant id -> units. A variant may come from several warehouses, by their priority.
    instead_of: checkouts that end with this one: what they hold is given back first.
    Locks the stock levels of all these variants at once; the last lock of its transaction.

    Raises: Refusals of OutOfStock, one per variant that is short.
    """
    ended: Records = ()
    if instead_of:
        ended = await _locked(session, StockReservation.checkout_id, instead_of, "HELD")
    variants = {*wanted, *(row.variant_id for row in ended)}
    offered = (await session.execute(_OFFERED, {"variants": sorted(variants)})).all()
    freed: Counter[Level] = Counter()
    for row in ended:
        freed[row.warehouse_id, row.variant_id] += row.quantity
    taken = _taken(offered, wanted, freed)
    await _settle(session, ended, MovementKind.RELEASE, ReservationStatus.RELEASED, reserved=-1)
    changes = [
        Change(row.warehouse_id, row.variant_id, row.merchant_id, reserved=units)
        for row, units in taken
    ]
    await levels.apply(session, changes, kind=MovementKind.RESERVATION, reference_id=checkout_id)
    rows = [
        {
            "id": new_id(),
            "checkout_id": checkout_id,
            "warehouse_id": row.warehouse_id,
            "variant_id": row.variant_id,
            "merchant_id": row.merchant_id,
            "quantity": units,
            "expires_at": expires_at,
        }
        for row, units in taken
    ]
    await session.execute(insert(StockReservation), rows)


def _taken(
    offered: Records, wanted: Mapping[UUID, int], freed: Mapping[Level, int]
) -> list[tuple[Any, int]]:
    """From which level how many units are taken; `freed`: units that are just given back.

    Raises: Refusals of OutOfStock.
    """
    by_priority = sorted(offered, key=lambda row: (row.priority, row.warehouse_id))
    taken: list[tuple[Any, int]] = []
    short = []
    for variant_id, units in sorted(wanted.items()):
        missing = units
        for row in by_priority:
            if row.variant_id != variant_id:
                continue
            there = row.available + freed.get((row.warehouse_id, variant_id), 0)
            part = min(missing, there)
            if part:
                taken.append((row, part))
                missing -= part
        if missing:
            short.append(
                OutOfStock(variant_id=variant_id, requested=units, available=units - missing)
            )
    if short:
        raise Refusals(short)
    return taken


async def release(
    session: AsyncSession, *, checkout_ids: Sequence[UUID], status: ReservationStatus
) -> None:
    """Give back what is held for checkouts (or their unpaid orders). RELEASED or EXPIRED."""
    held = await _locked(session, StockReservation.checkout_id, checkout_ids, "HELD")
    await _settle(session, held, MovementKind.RELEASE, status, reserved=-1)


async def commit(session: AsyncSession, *, group_id: UUID) -> bool:
    """Turn what is held for a paid group into units sold; False when the hold has ended."""
    held = await _locked(session, StockReservation.order_group_id, [group_id], "HELD")
    await _settle(
        session,
        held,
        MovementKind.COMMITMENT,
        ReservationStatus.COMMITTED,
        reserved=-1,
        allocated=1,
    )
    return bool(held)


async def hold_again(session: AsyncSession, *, group_id: UUID, expires_at: datetime) -> None:
    """Hold once more what an expired group had: its payment came late.

    Raises: Refusals of OutOfStock.
    """
    expired = await _locked(session, StockReservation.order_group_id, [group_id], "EXPIRED")
    wanted: dict[UUID, int] = {}
    owners = {row.variant_id: row.order_id for row in expired}
    for row in expired:
        wanted[row.variant_id] = wanted.get(row.variant_id, 0) + row.quantity
    checkout_id = expired[0].checkout_id
    await reserve(session, checkout_id=checkout_id, wanted=wanted, expires_at=expires_at)
    await assign(session, checkout_id, owners, group_id, expires_at)


async def assign(
    session: AsyncSession,
    checkout_id: UUID,
    orders: Mapping[UUID, UUID],
    group_id: UUID,
    expires_at: datetime,
) -> None:
    """Let a checkout's holds belong to the orders made of it. orders: variant id -> order id."""
    variants, owners = list(orders), list(orders.values())
    await session.execute(
        _ASSIGN,
        {
            "checkout": checkout_id,
            "variants": variants,
            "owners": owners,
            "group": group_id,
            "until": expires_at,
        },
    )


async def cancel(session: AsyncSession, *, order_id: UUID, actor_id: UUID | None) -> None:
    """Give back the units that were sold to an order and not shipped."""
    sold = await _locked(session, StockReservation.order_id, [order_id], "COMMITTED")
    await _settle(
        session,
        sold,
        MovementKind.CANCELLATION,
        ReservationStatus.RELEASED,
        actor_id=actor_id,
        allocated=-1,
    )


async def ship(
    session: AsyncSession,
    *,
    order_id: UUID,
    shipped_before: Mapping[UUID, int],
    now_shipped: Mapping[UUID, int],
    reference_id: UUID,
    actor_id: UUID | None,
) -> None:
    """Take units of an order out of their warehouses. Both mappings: variant id -> units."""
    sold = await _locked(session, StockReservation.order_id, [order_id], "COMMITTED")
    before, left = dict(shipped_before), dict(now_shipped)
    changes = []
    for row in sold:
        gone = min(before.get(row.variant_id, 0), row.quantity)
        before[row.variant_id] = before.get(row.variant_id, 0) - gone
        units = min(left.get(row.variant_id, 0), row.quantity - gone)
        left[row.variant_id] = left.get(row.variant_id, 0) - units
        changes.append(
            Change(
                row.warehouse_id,
                row.variant_id,
                row.merchant_id,
                on_hand=-units,
                allocated=-units,
            )
        )
    assert not any(left.values()), "more was shipped than sold"
    await levels.apply(
        session,
        changes,
        kind=MovementKind.SHIPMENT,
        reference_id=reference_id,
        actor_id=actor_id,
    )


async def _locked(session: AsyncSession, column: Any, ids: Sequence[UUID], status: str) -> Records:
    found = await session.execute(
        select(*StockReservation.__table__.c)
        .where(
            column == any_(bindparam("ids", type_=ARRAY(Uuid()))),
            StockReservation.status == status,
        )
        .order_by(StockReservation.id)
        .with_for_update(),
        {"ids": list(ids)},
    )
    return found.all()


async def _settle(
    session: AsyncSession,
    reservations: Records,
    kind: MovementKind,
    status: ReservationStatus,
    *,
    reserved: int = 0,
    allocated: int = 0,
    actor_id: UUID | None = None,
) -> None:
    """End reservations with a status; `reserved` and `allocated` say per unit what moves."""
    if not reservations:
        return
    changes = [
        Change(
            row.warehouse_id,
            row.variant_id,
            row.merchant_id,
            reserved=reserved * row.quantity,
            allocated=allocated * row.quantity,
            reference_id=row.order_id or row.checkout_id,
        )
        for row in reservations
    ]
    await session.execute(
        update(StockReservation)
        .where(StockReservation.id == any_(bindparam("ids", type_=ARRAY(Uuid()))))
        .values(status=status.value)
        .execution_options(synchronize_session=False),
        {"ids": [row.id for row in reservations]},
    )
    await levels.apply(session, changes, kind=kind, actor_id=actor_id)


_OFFERED = (
    select(
        StockLevel.warehouse_id,
        StockLevel.variant_id,
        StockLevel.merchant_id,
        StockLevel.available,
        Warehouse.priority,
    )
    .join(Warehouse, Warehouse.id == StockLevel.warehouse_id)
    .where(
        StockLevel.variant_id == any_(bindparam("variants", type_=ARRAY(Uuid()))),
        Warehouse.is_active,
    )
    .order_by(StockLevel.warehouse_id, StockLevel.variant_id)
    .with_for_update(of=StockLevel, key_share=True)
)
_PAIRS = levels.unnested(variants=Uuid(), owners=Uuid())
_ASSIGN = (
    update(StockReservation)
    .where(
        StockReservation.checkout_id == bindparam("checkout", type_=Uuid()),
        StockReservation.status == "HELD",
        StockReservation.variant_id == _PAIRS.c.variants,
    )
    .values(
        order_id=_PAIRS.c.owners,
        order_group_id=bindparam("group", type_=Uuid()),
        expires_at=bindparam("until"),
    )
    .execution_options(synchronize_session=False)
)
