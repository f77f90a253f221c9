"""Queries and mutations of shipments."""

from typing import Annotated, Any, Final

import strawberry

from core.errors import BadUserInput
from core.identity import Permission
from engine.declare import root
from resolvers import shipments as resolve
from resolvers.context import RequestContext
from resolvers.loaders.shipments import SHIPMENTS_VISIBLE
from resolvers.paging import Ask, page, window
from schema.access import ANYONE, staff
from schema.errors import Payload, mutation
from schema.fields import relation
from schema.ids import all_inside, inside, required
from schema.pagination import After, Before, First, Last
from schema.shipments import inputs
from schema.shipments.enums import CarrierKind, ShipmentStatus
from schema.shipments.errors import (
    CREATE_REFUSALS,
    DISPATCH_REFUSALS,
    REPORT_REFUSALS,
    UPDATE_REFUSALS,
)
from schema.shipments.types import (
    CarrierConnection,
    Shipment,
    ShipmentConnection,
    ShipmentTracking,
)
from services.shipments import plain_number

MAX_FILTER_VALUES: Final = 100
SENDERS: Final = staff(Permission.MANAGE_SHIPMENTS)


@strawberry.input(description="Which carriers; all conditions must hold.")
class CarrierWhere:
    codes: list[str] | None = strawberry.field(
        default=None, description="With one of these codes; at most 100."
    )
    kinds: list[CarrierKind] | None = strawberry.field(
        default=None, description="Of one of these kinds."
    )


@strawberry.input(description="Which shipments; all conditions must hold.")
class ShipmentWhere:
    orders: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Of one of these orders; at most 100."
    )
    merchants: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Sent by one of these merchants; at most 100."
    )
    statuses: list[ShipmentStatus] | None = strawberry.field(
        default=None, description="In one of these states."
    )
    tracking_number: str | None = strawberry.field(
        default=None, description="With a parcel of this number."
    )


def _limited(filters: dict[str, Any]) -> dict[str, Any]:
    """Raises: BadUserInput for too many values."""
    if any(isinstance(each, list) and len(each) > MAX_FILTER_VALUES for each in filters.values()):
        raise BadUserInput(f"A filter takes at most {MAX_FILTER_VALUES} values.")
    return filters


def _carrier_filters(where: CarrierWhere) -> dict[str, Any]:
    return _limited(
        {"codes": where.codes, "kinds": where.kinds and [kind.value for kind in where.kinds]}
    )


def _shipment_filters(where: ShipmentWhere) -> dict[str, Any]:
    number = where.tracking_number
    return _limited(
        {
            "orders": all_inside("Order", where.orders),
            "merchants": all_inside("Merchant", where.merchants),
            "statuses": where.statuses and [status.value for status in where.statuses],
            "tracking_number": None if number is None else plain_number(number) or "",
        }
    )


@strawberry.type
class ShipmentQuery:
    @root(
        CarrierConnection,
        auth=ANYONE,
        description="The carriers that merchants send with, by code.",
    )
    async def carriers(
        ctx: RequestContext,
        where: CarrierWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _carrier_filters(where) if where else None
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.CARRIER_LIST, asked, "CODE", where=filters))

    @root(
        Shipment | None,
        auth=ANYONE,
        description="A shipment, for its recipient and the merchant's staff; null for others.",
    )
    async def shipment(ctx: RequestContext, id: strawberry.ID) -> Any:
        return await ctx.one(SHIPMENTS_VISIBLE, inside("Shipment", id))

    @root(
        ShipmentConnection,
        auth=SENDERS,
        description="Shipments of the merchants for whom the caller sends, newest first.",
    )
    async def shipments(
        ctx: RequestContext,
        where: ShipmentWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters = _shipment_filters(where) if where else None
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.SHIPMENTS, asked, "NEWEST", where=filters))

    @root(
        ShipmentTracking | None,
        auth=ANYONE,
        description="Where a parcel is. Null alike for an unknown number and for wrong digits.",
    )
    async def track_shipment(
        ctx: RequestContext,
        tracking_number: Annotated[str, strawberry.argument(description=inputs.NUMBER)],
        phone_digits: Annotated[
            str, strawberry.argument(description="The last four digits of the recipient's phone.")
        ],
    ) -> Any:
        return await resolve.track(ctx, tracking_number, phone_digits)


def _after(description: str = "The shipment after the change; null when refused.") -> Any:
    return relation(Shipment | None, SHIPMENTS_VISIBLE, "shipment_id", description=description)


@strawberry.type(description="The new shipment.")
class ShipmentCreatePayload(Payload):
    shipment: Shipment | None = _after("The shipment, CREATED; null when refused.")


@strawberry.type(description="The shipment with its changes.")
class ShipmentUpdatePayload(Payload):
    shipment: Shipment | None = _after()


@strawberry.type(description="The shipment that left.")
class ShipmentDispatchPayload(Payload):
    shipment: Shipment | None = _after()


@strawberry.type(description="The shipment of which something was seen.")
class TrackingEventReportPayload(Payload):
    shipment: Shipment | None = _after()


@strawberry.type
class ShipmentMutation:
    @mutation(
        ShipmentCreatePayload,
        auth=SENDERS,
        description=(
            "Packs units of a paid order into parcels. Never more than are left of it; nothing"
            " leaves the stock before `shipmentDispatch`."
        ),
        refusals=CREATE_REFUSALS,
    )
    async def shipment_create(
        ctx: RequestContext, input: inputs.ShipmentCreateInput
    ) -> dict[str, Any]:
        return await resolve.create(ctx, inputs.draft_of(input), input.idempotency_key)

    @mutation(
        ShipmentUpdatePayload,
        auth=SENDERS,
        description="Holds, releases or cancels a shipment, redirects it, numbers its parcels.",
        refusals=UPDATE_REFUSALS,
    )
    async def shipment_update(
        ctx: RequestContext, input: inputs.ShipmentUpdateInput
    ) -> dict[str, Any]:
        return await resolve.update(
            ctx,
            shipment_id=required("Shipment", input.shipment_id, "shipmentId"),
            expected_version=input.expected_version,
            changes=inputs.changes_of(input),
        )

    @mutation(
        ShipmentDispatchPayload,
        auth=SENDERS,
        description=(
            "The parcels leave: their units go out of stock, and the order becomes SHIPPED, or"
            " PARTIALLY_SHIPPED while something is left. Refused when the order was cancelled."
        ),
        refusals=DISPATCH_REFUSALS,
    )
    async def shipment_dispatch(
        ctx: RequestContext, input: inputs.ShipmentDispatchInput
    ) -> dict[str, Any]:
        shipment_id = required("Shipment", input.shipment_id, "shipmentId")
        return await resolve.dispatch(ctx, shipment_id, input.idempotency_key)

    @mutation(
        TrackingEventReportPayload,
        auth=SENDERS,
        description=(
            "Adds what was seen of a parcel. Events may come in any order: what counts is when"
            " they happened. The order is DELIVERED when all its shipments are."
        ),
        refusals=REPORT_REFUSALS,
    )
    async def tracking_event_report(
        ctx: RequestContext, input: inputs.TrackingEventReportInput
    ) -> dict[str, Any]:
        return await resolve.report(ctx, inputs.event_of(input), input.idempotency_key)
