"""What staff and carriers send about shipments."""

import strawberry

from schema.ids import required
from schema.scalars import DateTime
from schema.shipments.enums import ShipmentAction, TrackingStatus
from services.shipments import (
    Changes,
    NewLine,
    NewParcel,
    NewShipment,
    NewTrackingEvent,
    ParcelRef,
)

KEY = (
    "Made by the client, new for each thing it wants done, the same when it sends the same again:"
    " a repetition gets what the first request led to. 1 to 255 characters."
)
NUMBER = "The carrier's number: 4 to 40 letters, digits or hyphens; spaces do not matter."


@strawberry.input(description="Units of an order line to send.")
class ShipmentLineInput:
    order_line_id: strawberry.ID = strawberry.field(description="The line of the order.")
    quantity: int = strawberry.field(description="How many units: at most what is left of it.")


@strawberry.input(description="A box.")
class ParcelInput:
    tracking_number: str | None = strawberry.field(default=None, description=NUMBER)
    weight_grams: int = strawberry.field(default=0, description="0 (not known) to 10,000,000.")
    length_mm: int | None = strawberry.field(default=None, description="1 to 100,000.")
    width_mm: int | None = strawberry.field(default=None, description="1 to 100,000.")
    height_mm: int | None = strawberry.field(default=None, description="1 to 100,000.")


@strawberry.input(description="What to send of which order, in which boxes.")
class ShipmentCreateInput:
    idempotency_key: str = strawberry.field(description=KEY)
    order_id: strawberry.ID = strawberry.field(description="A paid order.")
    lines: list[ShipmentLineInput] = strawberry.field(
        description="1 to 100; several of one line are added up."
    )
    parcels: list[ParcelInput] = strawberry.field(description="1 to 50.")
    carrier_code: str | None = strawberry.field(
        default=None, description="One of `carriers`; the one that the shopper chose if not said."
    )
    service: str | None = strawberry.field(
        default=None, description="One of the carrier's services; its usual one if not said."
    )
    estimated_delivery_at: DateTime | None = strawberry.field(
        default=None, description="When it should arrive."
    )


@strawberry.input(description="The number of a parcel.")
class ParcelNumberInput:
    parcel_id: strawberry.ID = strawberry.field(description="A parcel of this shipment.")
    tracking_number: str = strawberry.field(description=NUMBER)


@strawberry.input(description="What to change; what is left out stays as it is.")
class ShipmentUpdateInput:
    shipment_id: strawberry.ID = strawberry.field(description="The shipment.")
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse when the shipment has another version by now."
    )
    action: ShipmentAction | None = strawberry.field(
        default=None, description="Only before the dispatch; again the same is no change."
    )
    carrier_code: str | None = strawberry.field(
        default=None,
        description=(
            "Another carrier; only before the dispatch. The parcels lose the numbers of the old"
            " one, and the service is the new one's usual unless said."
        ),
    )
    service: str | None = strawberry.field(
        default=None, description="One of the carrier's services; only before the dispatch."
    )
    tracking_numbers: list[ParcelNumberInput] = strawberry.field(
        default_factory=list, description="At most 50, until the shipment has ended."
    )
    estimated_delivery_at: DateTime | None = strawberry.field(
        default=None, description="When it should arrive."
    )


@strawberry.input(description="Which shipment leaves.")
class ShipmentDispatchInput:
    idempotency_key: str = strawberry.field(description=KEY)
    shipment_id: strawberry.ID = strawberry.field(description="A shipment that is CREATED.")


@strawberry.input(description="A parcel as its carrier knows it.")
class TrackedParcelInput:
    carrier_code: str = strawberry.field(description="The carrier.")
    tracking_number: str = strawberry.field(description=NUMBER)


@strawberry.input(one_of=True, description="Of what something was seen: exactly one of these.")
class TrackedBy:
    shipment_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="A shipment: it is true of all its parcels."
    )
    parcel_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="One parcel of a shipment."
    )
    parcel: TrackedParcelInput | None = strawberry.field(
        default=strawberry.UNSET, description="One parcel, by the carrier's number."
    )


@strawberry.input(description="What was seen of a parcel.")
class TrackingEventReportInput:
    idempotency_key: str = strawberry.field(description=KEY)
    of: TrackedBy = strawberry.field(description="Of what it was seen.")
    status: TrackingStatus = strawberry.field(description="What the carrier says.")
    happened_at: DateTime = strawberry.field(
        description="When it happened; at most a day ahead of our clock."
    )
    event_key: str | None = strawberry.field(
        default=None,
        description=(
            "The carrier's own id of the event, at most 500 characters: a second event with it is"
            " a repetition. The idempotency key if not said."
        ),
    )
    location: str = strawberry.field(default="", description="Where: at most 500 characters.")
    message: str = strawberry.field(
        default="", description="The carrier's own words: at most 500 characters."
    )
    raw_status: str = strawberry.field(
        default="", description="The carrier's own code, kept as it is: at most 60 characters."
    )


def draft_of(input: ShipmentCreateInput) -> NewShipment:
    """Raises: NotFound for ids that are none of ours."""
    return NewShipment(
        order_id=required("Order", input.order_id, "orderId"),
        lines=[
            NewLine(
                required("OrderLine", line.order_line_id, "lines", str(n), "orderLineId"),
                line.quantity,
            )
            for n, line in enumerate(input.lines)
        ],
        parcels=[
            NewParcel(
                tracking_number=parcel.tracking_number,
                weight_grams=parcel.weight_grams,
                length_mm=parcel.length_mm,
                width_mm=parcel.width_mm,
                height_mm=parcel.height_mm,
            )
            for parcel in input.parcels
        ],
        carrier_code=input.carrier_code,
        service=input.service or "",
        estimated_delivery_at=input.estimated_delivery_at,
    )


def changes_of(input: ShipmentUpdateInput) -> Changes:
    """Raises: NotFound for ids that are none of ours."""
    return Changes(
        action=input.action,
        carrier_code=input.carrier_code,
        service=input.service,
        tracking_numbers=[
            (
                required("Parcel", each.parcel_id, "trackingNumbers", str(n), "parcelId"),
                each.tracking_number,
            )
            for n, each in enumerate(input.tracking_numbers)
        ],
        estimated_delivery_at=input.estimated_delivery_at,
    )


def event_of(input: TrackingEventReportInput) -> NewTrackingEvent:
    """Raises: NotFound for ids that are none of ours."""
    return NewTrackingEvent(
        where=_reference(input.of),
        status=input.status,
        happened_at=input.happened_at,
        event_key=input.event_key or input.idempotency_key,
        location=input.location,
        message=input.message,
        raw_status=input.raw_status,
    )


def _reference(of: TrackedBy) -> ParcelRef:
    if of.shipment_id:
        return ParcelRef(shipment_id=required("Shipment", of.shipment_id, "of", "shipmentId"))
    if of.parcel_id:
        return ParcelRef(parcel_id=required("Parcel", of.parcel_id, "of", "parcelId"))
    assert of.parcel, "@oneOf: there is exactly one"
    return ParcelRef(carrier_code=of.parcel.carrier_code, tracking_number=of.parcel.tracking_number)
