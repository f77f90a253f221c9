"""Changes of shipments by their merchant, and of whose they are."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, func, select, update as update_rows
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, VersionConflict
from core.identity import Caller
from models.shipments import Parcel, Shipment, ShipmentStatus
from services import audit, events
from services.shipments.access import locked
from services.shipments.creation import check_carrier
from services.shipments.errors import NotAllowedInState, TrackingNumberTaken
from services.shipments.inputs import Changes, ShipmentAction, checked_changes
from services.shipments.states import ENDED, WAITING

TARGETS: Final = {
    ShipmentAction.HOLD: ShipmentStatus.ON_HOLD,
    ShipmentAction.RELEASE: ShipmentStatus.CREATED,
    ShipmentAction.CANCEL: ShipmentStatus.CANCELLED,
}


async def update(
    session: AsyncSession,
    caller: Caller,
    *,
    shipment_id: UUID,
    expected_version: int | None,
    changes: Changes,
) -> None:
    """Hold, release or cancel a shipment, give it another carrier, number its parcels.

    What it is already is no change. Locks the shipment.

    Raises: InvalidInput, NotFound (shipment, carrier, parcel), VersionConflict, NotAllowedInState,
    UnknownService, TrackingNumberTaken.
    """
    changes = checked_changes(changes)
    shipment = await locked(session, caller, shipment_id)
    if expected_version not in (None, shipment.version):
        raise VersionConflict(current_version=shipment.version, path=("expectedVersion",))
    values = _differences(shipment, changes)
    if not values and not changes.tracking_numbers:
        return
    _check_state(ShipmentStatus(shipment.status), changes)
    if {"carrier_code", "service"} & values.keys():
        await _redirect(session, shipment, values)
    if changes.tracking_numbers:
        carrier_code = values.get("carrier_code", shipment.carrier_code)
        await _number_parcels(session, shipment_id, carrier_code, dict(changes.tracking_numbers))
    await session.execute(
        update_rows(Shipment)
        .where(Shipment.id == shipment_id)
        .values(version=Shipment.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    await events.record(
        session, events.event("ShipmentChanged", shipment_id, version=shipment.version + 1)
    )
    numbered = {"numbered_parcels": len(changes.tracking_numbers or {})}
    await audit.record(
        session,
        audit.entry(
            "SHIPMENT_CHANGED",
            "Shipment",
            shipment_id,
            merchant_id=shipment.merchant_id,
            before={name: getattr(shipment, name) for name in values},
            after=values | numbered,
        ),
    )


def _differences(shipment: Any, changes: Changes) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "status": changes.action and TARGETS[changes.action].value,
        "carrier_code": changes.carrier_code,
        "service": changes.service,
        "estimated_delivery_at": changes.estimated_delivery_at,
    }
    return {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(shipment, name)
    }


def _check_state(status: ShipmentStatus, changes: Changes) -> None:
    """Raises: NotAllowedInState for what comes too late."""
    needs_waiting = changes.action or changes.carrier_code or changes.service
    if status in ENDED or (needs_waiting and status not in WAITING):
        raise NotAllowedInState(state=status.value, path=("shipmentId",))


async def _redirect(session: AsyncSession, shipment: Any, values: dict[str, Any]) -> None:
    """Check the carrier; the numbers that another carrier gave its parcels are void."""
    carrier_code = values.get("carrier_code", shipment.carrier_code)
    if carrier_code == shipment.carrier_code:
        await check_carrier(session, carrier_code, values["service"])
        return
    values.setdefault("service", "")
    await check_carrier(session, carrier_code, values["service"])
    await session.execute(
        update_rows(Parcel)
        .where(Parcel.shipment_id == shipment.id)
        .values(carrier_code=carrier_code, tracking_number=None)
        .execution_options(synchronize_session=False)
    )


async def _number_parcels(
    session: AsyncSession, shipment_id: UUID, carrier_code: str, numbers: Mapping[UUID, str]
) -> None:
    holders = await session.execute(
        _HOLDERS, {"carrier": carrier_code, "numbers": list(numbers.values())}
    )
    held = {row.tracking_number: row.id for row in holders}
    for n, (parcel_id, number) in enumerate(numbers.items()):
        if held.setdefault(number, parcel_id) != parcel_id:
            raise TrackingNumberTaken(
                tracking_number=number, path=("trackingNumbers", str(n), "trackingNumber")
            )
    written = await session.scalars(
        _NUMBER,
        {"shipment": shipment_id, "ids": list(numbers), "numbers": list(numbers.values())},
    )
    known = {*written.all()}
    for n, parcel_id in enumerate(numbers):
        if parcel_id not in known:
            path = "trackingNumbers", str(n), "parcelId"
            raise NotFound(kind="Parcel", id=parcel_id, path=path)


async def cancel_waiting(session: AsyncSession, *, order_id: UUID) -> None:
    """Cancel what has not left yet of an order that was cancelled (`OrderCancelled`)."""
    cancelled = await session.execute(
        update_rows(Shipment)
        .where(Shipment.order_id == order_id, Shipment.status.in_(WAITING))
        .values(status=ShipmentStatus.CANCELLED.value, version=Shipment.version + 1)
        .returning(Shipment.id, Shipment.version, Shipment.merchant_id)
        .execution_options(synchronize_session=False)
    )
    rows = cancelled.all()
    await events.record(
        session,
        *[events.event("ShipmentChanged", row.id, version=row.version) for row in rows],
    )
    await audit.record(
        session,
        *[
            audit.entry(
                "SHIPMENT_CANCELLED",
                "Shipment",
                row.id,
                merchant_id=row.merchant_id,
                after={"status": ShipmentStatus.CANCELLED.value, "order_id": order_id.hex},
            )
            for row in rows
        ],
    )


async def change_owner(session: AsyncSession, *, from_owner: UUID, to_owner: UUID) -> None:
    """Give a guest's shipments to an account: orders were taken over (`OrdersTakenOver`)."""
    await session.execute(
        update_rows(Shipment)
        .where(Shipment.owner_id == from_owner)
        .values(owner_id=to_owner)
        .execution_options(synchronize_session=False)
    )


_HOLDERS = select(Parcel.id, Parcel.tracking_number).where(
    Parcel.carrier_code == bindparam("carrier", type_=Text()),
    Parcel.tracking_number == any_(bindparam("numbers", type_=ARRAY(Text()))),
)
_GIVEN = (
    func.unnest(bindparam("ids", type_=ARRAY(Uuid())), bindparam("numbers", type_=ARRAY(Text())))
    .table_valued("id", "number")
    .render_derived(name="given")
)
_NUMBER = (
    update_rows(Parcel)
    .where(Parcel.id == _GIVEN.c.id, Parcel.shipment_id == bindparam("shipment", type_=Uuid()))
    .values(tracking_number=_GIVEN.c.number)
    .returning(Parcel.id)
    .execution_options(synchronize_session=False)
)
