"""Stock as a file counts it: units lying in a warehouse."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.ids import new_id
from models.inventory import MovementKind, StockLevel, Warehouse
from services import audit, events
from services.inventory import levels
from services.inventory.levels import Change
from services.recordset import insertion, recordset

Place = tuple[UUID, UUID]  # warehouse, variant
REASON: Final = "Import"


async def warehouses(
    session: AsyncSession, merchant_id: UUID, *, may_create: bool
) -> dict[str | None, UUID]:
    """The merchant's warehouses by code in lower case; None: the one that is meant if none is.

    may_create: makes MAIN for a merchant without any.
    """
    found = await session.execute(
        select(Warehouse.id, Warehouse.code)
        .where(Warehouse.merchant_id == merchant_id, Warehouse.is_active)
        .order_by(Warehouse.priority, Warehouse.id)
    )
    known: dict[str | None, UUID] = {}
    for row in found:
        known.setdefault(None, row.id)
        known[row.code.lower()] = row.id
    if not known and may_create:
        main = new_id()
        await session.execute(
            insert(Warehouse).values(id=main, merchant_id=merchant_id, code="MAIN", name="Main")
        )
        known = {None: main, "main": main}
    return known


async def set_counts(
    session: AsyncSession, *, merchant_id: UUID, counts: Mapping[Place, int], reference_id: UUID
) -> dict[Place, int]:
    """Let so many units lie there, with movements of the differences.

    Locks the levels in the one order. Gives the places where more is held for orders than was
    counted, with how much that is: they stay as they are.
    """
    if not counts:
        return {}
    places = sorted(counts)
    nothing = {"on_hand": 0, "reserved": 0, "allocated": 0, "safety_stock": 0}
    new = [
        {"warehouse_id": warehouse, "variant_id": variant, "merchant_id": merchant_id} | nothing
        for warehouse, variant in places
    ]
    await session.execute(_ADD, {"rows": new})
    changes: list[Change] = []
    before: dict[Place, int] = {}
    refused: dict[Place, int] = {}
    for row in await session.execute(_LOCK, {"rows": new}):
        place, promised = (row.warehouse_id, row.variant_id), row.reserved + row.allocated
        if counts[place] < promised:
            refused[place] = promised
        else:
            before[place] = row.on_hand
            changes.append(Change(*place, merchant_id, on_hand=counts[place] - row.on_hand))
    await levels.apply(
        session,
        changes,
        kind=MovementKind.ADJUSTMENT,
        reference_id=reference_id,
        reason=REASON,
    )
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
    # What lay nowhere before is new: the movements tell of it, with the job's id.
    await audit.record(
        session,
        *[
            levels.counted(change, before[change[:2]], reason=REASON)
            for change in changes
            if change.on_hand and before[change[:2]]
        ],
    )
    return refused


_LEVEL = ("warehouse_id", "variant_id", "merchant_id")
_ADD = insertion(
    StockLevel, *_LEVEL, "on_hand", "reserved", "allocated", "safety_stock"
).on_conflict_do_nothing()
_given = recordset(StockLevel, "warehouse_id", "variant_id")
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
            select(_given.c.warehouse_id, _given.c.variant_id)
        )
    )
    .order_by(StockLevel.warehouse_id, StockLevel.variant_id)
    .with_for_update(key_share=True)
)
