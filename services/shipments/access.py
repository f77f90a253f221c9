"""A shipment under lock, for those who may change it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound
from core.identity import Caller, Permission
from models.shipments import Shipment


def is_staffs(caller: Caller) -> ColumnElement[bool]:
    """Shipments of the merchants whose parcels the caller sends."""
    merchants = caller.merchants(Permission.MANAGE_SHIPMENTS)
    return true() if merchants is None else Shipment.merchant_id.in_(merchants)


async def locked(session: AsyncSession, caller: Caller, shipment_id: UUID) -> Any:
    """The row.

    Raises: NotFound for an unknown shipment or one of another merchant.
    """
    found = await session.execute(
        select(*Shipment.__table__.c)
        .where(Shipment.id == shipment_id, is_staffs(caller))
        .with_for_update(key_share=True)
    )
    shipment = found.first()
    if shipment is None:
        raise NotFound(kind="Shipment", id=shipment_id, path=("shipmentId",))
    return shipment
