"""Shipments: lists, tracking by number, and the workflow of each mutation."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, any_, bindparam, exists, select

from core.db import Query, Row
from core.identity import Permission
from models.shipments import Carrier, Parcel, Shipment
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.shipments import CARRIERS_BY_CODE, SHIPMENT_COLUMNS
from resolvers.scope import permitted
from services import orders, shipments
from services.shipments import Changes, NewShipment, NewTrackingEvent, plain_number

PHONE_DIGITS: Final = 4


def _one_of(column: Any, name: str, type_: Any) -> Any:
    return column == any_(bindparam(name, type_=ARRAY(type_)))


SHIPMENTS: Final = Listing(
    select(*SHIPMENT_COLUMNS).where(permitted(Shipment.merchant_id, Permission.MANAGE_SHIPMENTS)),
    Shipment.id,
    sorts={"NEWEST": Sort(Shipment.created_at, descending=True)},
    filters={
        "orders": _one_of(Shipment.order_id, "orders", Uuid()),
        "merchants": _one_of(Shipment.merchant_id, "merchants", Uuid()),
        "statuses": _one_of(Shipment.status, "statuses", Text()),
        "tracking_number": exists().where(
            Parcel.shipment_id == Shipment.id,
            Parcel.tracking_number == bindparam("tracking_number", type_=Text()),
        ),
    },
    spread={},
)
CARRIER_LIST: Final = Listing(
    select(*Carrier.__table__.c).where(Carrier.is_active),
    Carrier.id,
    sorts={"CODE": Sort(Carrier.code)},
    filters={
        "codes": _one_of(Carrier.code, "codes", Text()),
        "kinds": _one_of(Carrier.kind, "kinds", Text()),
    },
    spread={},
)
# Whoever knows both a number and the recipient's telephone may follow the parcel.
_TRACKED = Query(
    select(*SHIPMENT_COLUMNS)
    .join(Parcel, Parcel.shipment_id == Shipment.id)
    .where(
        Parcel.tracking_number == bindparam("number", type_=Text()),
        Shipment.phone_digits == bindparam("digits", type_=Text()),
    )
    .order_by(Shipment.created_at.desc())
    .limit(1)
)


async def track(ctx: RequestContext, number: str, digits: str) -> Row | None:
    """The newest shipment with such a parcel; None alike for a wrong number and wrong digits."""
    is_complete = len(digits) == PHONE_DIGITS and digits.isascii() and digits.isdigit()
    rows = await ctx.fetch(
        _TRACKED, number=plain_number(number) or "", digits=digits if is_complete else "none"
    )
    return rows[0] if rows else None


async def carriers(ctx: RequestContext, rows: Sequence[Row]) -> list[Row | None]:
    return await ctx.rows(CARRIERS_BY_CODE, [row["carrier_code"] for row in rows])


async def tracking_urls(ctx: RequestContext, parcels: Sequence[Row]) -> list[str | None]:
    """Where the carrier shows a parcel; None when it has no number or the carrier no such page."""
    return [
        carrier["tracking_url"].replace("{number}", quote(parcel["tracking_number"]))
        if carrier and carrier["tracking_url"] and parcel["tracking_number"]
        else None
        for parcel, carrier in zip(parcels, await carriers(ctx, parcels), strict=True)
    ]


async def create(ctx: RequestContext, draft: NewShipment, idempotency_key: str) -> dict[str, UUID]:
    made = await shipments.create(
        ctx.db, orders, ctx.caller, draft=draft, idempotency_key=idempotency_key
    )
    return {"shipment_id": made}


async def update(
    ctx: RequestContext, *, shipment_id: UUID, expected_version: int | None, changes: Changes
) -> dict[str, UUID]:
    async with ctx.db.transaction() as session:
        await shipments.update(
            session,
            ctx.caller,
            shipment_id=shipment_id,
            expected_version=expected_version,
            changes=changes,
        )
    return {"shipment_id": shipment_id}


async def dispatch(ctx: RequestContext, shipment_id: UUID, idempotency_key: str) -> dict[str, UUID]:
    await shipments.dispatch(
        ctx.db, orders, ctx.caller, shipment_id=shipment_id, idempotency_key=idempotency_key
    )
    return {"shipment_id": shipment_id}


async def report(
    ctx: RequestContext, event: NewTrackingEvent, idempotency_key: str
) -> dict[str, UUID]:
    shipment_id = await shipments.report(
        ctx.db, orders, ctx.caller, event=event, idempotency_key=idempotency_key
    )
    return {"shipment_id": shipment_id}
