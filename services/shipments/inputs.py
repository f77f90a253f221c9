"""What callers say about shipments, and the values that no state of the shop would accept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from core import clock
from core.errors import InvalidInput
from models.shipments import TrackingStatus
from services.shipments.numbers import plain_number

MAX_LINES: Final = 100
MAX_PARCELS: Final = 50
MAX_UNITS: Final = 1_000_000
MAX_WEIGHT_GRAMS: Final = 10_000_000
MAX_SIDE_MM: Final = 100_000
MAX_NAME_CHARACTERS: Final = 60
MAX_TEXT_CHARACTERS: Final = 500
MAX_AHEAD: Final = timedelta(days=1)  # carriers' clocks are not ours


class NewLine(NamedTuple):
    order_line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class NewParcel:
    tracking_number: str | None = None
    weight_grams: int = 0
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None


@dataclass(frozen=True, slots=True)
class NewShipment:
    """carrier_code: None for the one that the shopper chose.

    service: one of the carrier's; empty for its usual one.
    """

    order_id: UUID
    lines: Sequence[NewLine]
    parcels: Sequence[NewParcel]
    carrier_code: str | None = None
    service: str = ""
    estimated_delivery_at: datetime | None = None

    @property
    def units(self) -> Counter[UUID]:
        units: Counter[UUID] = Counter()
        for line in self.lines:
            units[line.order_line_id] += line.quantity
        return units


class ShipmentAction(StrEnum):
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Changes:
    """Of a shipment; None leaves as it is. tracking_numbers: parcel id -> number."""

    action: ShipmentAction | None = None
    carrier_code: str | None = None
    service: str | None = None
    tracking_numbers: Sequence[tuple[UUID, str]] = ()
    estimated_delivery_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ParcelRef:
    """Which shipment, and perhaps which of its parcels: by an id, or as the carrier knows it."""

    shipment_id: UUID | None = None
    parcel_id: UUID | None = None
    carrier_code: str | None = None
    tracking_number: str | None = None


@dataclass(frozen=True, slots=True)
class NewTrackingEvent:
    """event_key: the reporter's own id of the event; a second event of the same key is the same."""

    where: ParcelRef
    status: TrackingStatus
    happened_at: datetime
    event_key: str
    location: str = ""
    message: str = ""
    raw_status: str = ""


def checked_shipment(draft: NewShipment) -> NewShipment:
    """The draft with plain tracking numbers.

    Raises: InvalidInput.
    """
    _size("lines", len(draft.lines), MAX_LINES)
    _size("parcels", len(draft.parcels), MAX_PARCELS)
    _text(draft.service, MAX_NAME_CHARACTERS, "service")
    for n, line in enumerate(draft.lines):
        _range(line.quantity, 1, MAX_UNITS, "lines", str(n), "quantity")
    return replace(draft, parcels=[_parcel(each, n) for n, each in enumerate(draft.parcels)])


def _parcel(parcel: NewParcel, n: int) -> NewParcel:
    here = "parcels", str(n)
    _range(parcel.weight_grams, 0, MAX_WEIGHT_GRAMS, *here, "weightGrams")
    sides = {
        "lengthMm": parcel.length_mm,
        "widthMm": parcel.width_mm,
        "heightMm": parcel.height_mm,
    }
    for name, side in sides.items():
        if side is not None:
            _range(side, 1, MAX_SIDE_MM, *here, name)
    if parcel.tracking_number is None:
        return parcel
    number = required_number(parcel.tracking_number, *here, "trackingNumber")
    return replace(parcel, tracking_number=number)


def checked_changes(changes: Changes) -> Changes:
    """The changes with plain tracking numbers.

    Raises: InvalidInput.
    """
    if changes.service is not None:
        _text(changes.service, MAX_NAME_CHARACTERS, "service")
    if len(changes.tracking_numbers) > MAX_PARCELS:
        _size("trackingNumbers", len(changes.tracking_numbers), MAX_PARCELS)
    numbers = [
        (parcel_id, required_number(number, "trackingNumbers", str(n), "trackingNumber"))
        for n, (parcel_id, number) in enumerate(changes.tracking_numbers)
    ]
    return replace(changes, tracking_numbers=numbers)


def checked_event(event: NewTrackingEvent) -> NewTrackingEvent:
    """The event with a plain tracking number.

    Raises: InvalidInput.
    """
    _text(event.event_key, MAX_TEXT_CHARACTERS, "eventKey", minimum=1)
    _text(event.location, MAX_TEXT_CHARACTERS, "location")
    _text(event.message, MAX_TEXT_CHARACTERS, "message")
    _text(event.raw_status, MAX_NAME_CHARACTERS, "rawStatus")
    if event.happened_at > clock.now() + MAX_AHEAD:
        raise InvalidInput(problem="It can't have happened in the future.", path=("happenedAt",))
    if event.where.tracking_number is None:
        return event
    number = required_number(event.where.tracking_number, "of", "parcel", "trackingNumber")
    return replace(event, where=replace(event.where, tracking_number=number))


def required_number(text: str, *path: str) -> str:
    number = plain_number(text)
    if number is None:
        problem = "A tracking number has 4 to 40 letters, digits or hyphens."
        raise InvalidInput(problem=problem, path=path)
    return number


def _size(name: str, size: int, maximum: int) -> None:
    if not 1 <= size <= maximum:
        raise InvalidInput(problem=f"Give 1 to {maximum} {name}.", path=(name,))


def _range(value: int, minimum: int, maximum: int, *path: str) -> None:
    if not minimum <= value <= maximum:
        raise InvalidInput(problem=f"It must be {minimum} to {maximum}.", path=path)


def _text(value: str, maximum: int, *path: str, minimum: int = 0) -> None:
    if not minimum <= len(value) <= maximum:
        raise InvalidInput(problem=f"It takes {minimum} to {maximum} characters.", path=path)
