"""Where merchants keep their stock."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidInput, NotFound
from core.identity import Caller, Permission
from core.ids import new_id
from models.inventory import StockLevel, Warehouse, WarehouseKind
from models.merchants import Merchant
from services import accounts, audit, events
from services.inventory.errors import WarehouseInUse

CODE: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
MAX_NAME_CHARACTERS: Final = 100
MAX_PRIORITY: Final = 1000


@dataclass(frozen=True, slots=True)
class WarehouseDraft:
    """What a warehouse shall be; None leaves it as it is, or as a new one begins."""

    name: str | None = None
    kind: WarehouseKind | None = None
    address: Mapping[str, Any] | None = None
    is_pickup_point: bool | None = None
    is_active: bool | None = None
    priority: int | None = None


async def upsert_warehouse(
    session: AsyncSession, caller: Caller, *, merchant_id: UUID, code: str, draft: WarehouseDraft
) -> UUID:
    """The merchant's warehouse of this code, made or changed; the same again is no change.

    Locks it, so that nothing arrives while it is being closed.

    Raises: NotFound, InvalidInput, Refusals of InvalidInput; WarehouseInUse when units lie in
    what shall be closed.
    """
    values = _values(code, draft)
    if not caller.may(Permission.MANAGE_WAREHOUSES, merchant_id) or not await session.get(
        Merchant, merchant_id
    ):
        raise NotFound(kind="Merchant", id=merchant_id, path=("merchantId",))
    row = await _locked(session, merchant_id, code)
    if row is None:
        return await _add(session, merchant_id, code, values)
    changes = {name: value for name, value in values.items() if value != getattr(row, name)}
    if changes:
        await _change(session, row.id, changes)
        await _audit(
            session,
            merchant_id,
            row.id,
            old={name: getattr(row, name) for name in changes},
            new=changes,
        )
    return row.id  # type: ignore[no-any-return]


def _values(code: str, draft: WarehouseDraft) -> dict[str, Any]:
    """The columns to set. Raises: InvalidInput, Refusals."""
    if not CODE.fullmatch(code):
        problem = "A code has 1 to 40 letters, digits, dots, hyphens or underscores."
        raise InvalidInput(problem=problem, path=("code",))
    name = draft.name and draft.name.strip()
    if name is not None and not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        problem = f"A name has 1 to {MAX_NAME_CHARACTERS} characters."
        raise InvalidInput(problem=problem, path=("name",))
    if draft.priority is not None and not 0 <= draft.priority <= MAX_PRIORITY:
        problem = f"A priority is 0 to {MAX_PRIORITY}."
        raise InvalidInput(problem=problem, path=("priority",))
    wanted: dict[str, Any] = {
        "name": name,
        "kind": draft.kind and draft.kind.value,
        "address": draft.address and accounts.checked_address(draft.address, ("address",)),
        "is_pickup_point": draft.is_pickup_point,
        "is_active": draft.is_active,
        "priority": draft.priority,
    }
    return {name: value for name, value in wanted.items() if value is not None}


async def _locked(session: AsyncSession, merchant_id: UUID, code: str) -> Any:
    """The row; None when there is none yet."""
    found = await session.execute(
        select(*Warehouse.__table__.c)
        .where(Warehouse.merchant_id == merchant_id, Warehouse.code == code)
        .with_for_update(key_share=True)
    )
    return found.first()


async def _add(
    session: AsyncSession, merchant_id: UUID, code: str, values: Mapping[str, Any]
) -> UUID:
    if "name" not in values:
        raise InvalidInput(problem="A new warehouse needs a name.", path=("name",))
    warehouse_id = new_id()
    found = await session.scalars(
        insert(Warehouse)
        .values(id=warehouse_id, merchant_id=merchant_id, code=code, **values)
        .on_conflict_do_update(index_elements=["merchant_id", "code"], set_=values)
        .returning(Warehouse.id)
    )
    made = found.one()
    await events.record(session, events.event("WarehouseChanged", made))
    await _audit(session, merchant_id, made, old={}, new={"code": code, **values})
    return made


async def _change(session: AsyncSession, warehouse_id: UUID, changes: Mapping[str, Any]) -> None:
    if changes.get("is_active") is False:
        units = await session.scalar(
            select(func.sum(StockLevel.on_hand)).where(StockLevel.warehouse_id == warehouse_id)
        )
        if units:
            raise WarehouseInUse(units=units, path=("isActive",))
    await session.execute(
        update(Warehouse)
        .where(Warehouse.id == warehouse_id)
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    await events.record(session, events.event("WarehouseChanged", warehouse_id))


async def _audit(
    session: AsyncSession,
    merchant_id: UUID,
    warehouse_id: UUID,
    *,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> None:
    """The address may be where somebody lives: it can be erased."""
    told = {name: value for name, value in new.items() if name != "address"}
    entry = audit.entry(
        "WAREHOUSE_CHANGED",
        "Warehouse",
        warehouse_id,
        merchant_id=merchant_id,
        **audit.difference(old, told),
        person={"address": new["address"]} if "address" in new else None,
    )
    await audit.record(session, entry)
