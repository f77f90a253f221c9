"""Carriers, shipments, parcels and what was seen of them."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from engine.declare import batched, column
from resolvers import shipments as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import MERCHANTS
from resolvers.loaders.orders import LINES, ORDERS
from resolvers.loaders.shipments import (
    EVENTS_OF_SHIPMENTS,
    LINES_OF_SHIPMENTS,
    PARCELS_OF_SHIPMENTS,
)
from schema.access import ANYONE
from schema.fields import Node, computed, lazy, reference, relation
from schema.ids import node_id, outside
from schema.merchants import Merchant
from schema.pagination import connection
from schema.scalars import DateTime
from schema.shipments.enums import CarrierKind, ShipmentStatus, TrackingStatus

_ORDERS = "schema.orders.types"
ESTIMATE = "When it should arrive; null when nobody knows."
LEFT = "When its parcels left the merchant; null before."
ARRIVED = "When the last parcel arrived; null before."


@strawberry.type(description="A level of service that a carrier offers: `express`.")
class CarrierService:  # rows: items of carriers.services
    code: str = column(str, description="Its name in `shipmentCreate`.")
    name: str = column(str, description="Its name for people.")


@strawberry.type(description="Who brings parcels.", directives=[ANYONE])
class Carrier(Node):
    id: strawberry.ID = node_id("Carrier")
    code: str = column(str, description="A stable, readable name; unique.")
    name: str = column(str, description="The name for people.")
    kind: CarrierKind = column(CarrierKind, description="How it brings things.")
    services: list[CarrierService] = computed(
        list[CarrierService],
        lambda carrier: carrier["services"],
        description="The levels of service that it offers; perhaps none.",
    )


CarrierConnection = connection(Carrier)


@strawberry.type(description="Units of an order line that are in a shipment.")
class ShipmentLine:
    order_line_id: strawberry.ID = column(
        strawberry.ID, convert=outside("OrderLine"), description="The line of the order."
    )
    order_line = relation(
        lazy("OrderLine", _ORDERS) | None,
        LINES,
        "order_line_id",
        description="The line of the order; null for those who may not see the order.",
    )
    quantity: int = column(int, description="How many units.")


@strawberry.type(description="A box on its way.", directives=[ANYONE])
class Parcel(Node):
    id: strawberry.ID = node_id("Parcel")
    tracking_number: str | None = column(
        str | None, description="The carrier's number of it; null when it has none yet."
    )
    weight_grams: int = column(int, description="In grams; 0 when not known.")
    length_mm: int | None = column(int | None, description="In millimetres; null: not known.")
    width_mm: int | None = column(int | None, description="In millimetres; null: not known.")
    height_mm: int | None = column(int | None, description="In millimetres; null: not known.")

    @batched(str | None, description="The carrier's page about it; null when there is none.")
    async def tracking_url(ctx: RequestContext, parcels: Sequence[Row]) -> list[str | None]:
        return await resolve.tracking_urls(ctx, parcels)


@strawberry.type(description="Something that was seen of a parcel.", directives=[ANYONE])
class TrackingEvent(Node):
    id: strawberry.ID = node_id("TrackingEvent")
    status: TrackingStatus = column(TrackingStatus, description="What the carrier says.")
    location: str = column(str, description="Where, for people; perhaps empty.")
    message: str = column(str, description="The carrier's own words; perhaps empty.")
    happened_at: DateTime = column(DateTime, description="When it happened, not when we heard.")
    parcel_id: strawberry.ID | None = column(
        strawberry.ID | None,
        convert=outside("Parcel"),
        description="Of which parcel; null when it is true of the whole shipment.",
    )


@strawberry.type(
    description="Parcels that a merchant sends for one order. An order may have several.",
    directives=[ANYONE],  # loaders show the shopper's own, and those of a merchant to its staff
)
class Shipment(Node):
    id: strawberry.ID = node_id("Shipment")
    number: str = column(str, description="For people: `S-7K2M9QX4TB`.")
    service: str = column(str, description="The carrier's level of service; empty: its usual one.")
    status: ShipmentStatus = column(ShipmentStatus, description="How far it has come.")
    estimated_delivery_at: DateTime | None = column(DateTime | None, description=ESTIMATE)
    dispatched_at: DateTime | None = column(DateTime | None, description=LEFT)
    delivered_at: DateTime | None = column(DateTime | None, description=ARRIVED)
    created_at: DateTime = column(DateTime, description="When the merchant began to pack it.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Who sends it."
    )
    order = relation(
        lazy("Order", _ORDERS) | None,
        ORDERS,
        "order_id",
        description="The order it is for; null for those who may not see it.",
    )
    lines: list[ShipmentLine] = relation(
        list[ShipmentLine], LINES_OF_SHIPMENTS, description="What is in it."
    )
    parcels: list[Parcel] = relation(list[Parcel], PARCELS_OF_SHIPMENTS, description="Its boxes.")
    events: list[TrackingEvent] = relation(
        list[TrackingEvent], EVENTS_OF_SHIPMENTS, description="What was seen of it, oldest first."
    )

    @batched(Carrier, description="Who brings it.")
    async def carrier(ctx: RequestContext, shipments: Sequence[Row]) -> list[Any]:
        return await resolve.carriers(ctx, shipments)


ShipmentConnection = connection(Shipment)


@strawberry.type(
    description="What anybody learns who knows a parcel's number and the recipient's telephone."
)
class ShipmentTracking:  # rows: shipments
    status: ShipmentStatus = column(ShipmentStatus, description="How far the shipment has come.")
    estimated_delivery_at: DateTime | None = column(DateTime | None, description=ESTIMATE)
    dispatched_at: DateTime | None = column(DateTime | None, description=LEFT)
    delivered_at: DateTime | None = column(DateTime | None, description=ARRIVED)
    events: list[TrackingEvent] = relation(
        list[TrackingEvent], EVENTS_OF_SHIPMENTS, description="What was seen of it, oldest first."
    )

    @batched(Carrier, description="Who brings it.")
    async def carrier(ctx: RequestContext, shipments: Sequence[Row]) -> list[Any]:
        return await resolve.carriers(ctx, shipments)
