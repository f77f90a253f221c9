"""Why a shipment says no."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class NotAllowedInState(DomainError):
    """state: the status of the shipment, which does not allow this."""

    kind: str = "Shipment"
    state: str

    @property
    def message(self) -> str:
        return f"This can't be done while the {self.kind} is {self.state}."


@dataclass(eq=False, kw_only=True)
class OverShipment(DomainError):
    """More units than the order has left: the others are in shipments already.

    remaining: units of the line that are in no shipment yet.
    """

    order_line_id: UUID
    requested: int
    remaining: int

    @property
    def message(self) -> str:
        return f"Only {self.remaining} of this line are left to be sent."


@dataclass(eq=False, kw_only=True)
class TrackingNumberTaken(DomainError):
    """A carrier gives a number to one parcel only."""

    tracking_number: str

    @property
    def message(self) -> str:
        return f"Another parcel has the tracking number {self.tracking_number}."


@dataclass(eq=False, kw_only=True)
class UnknownService(DomainError):
    """The carrier does not offer the service; services: those it offers."""

    services: list[str]

    @property
    def message(self) -> str:
        return f"This carrier offers: {', '.join(self.services) or 'no services'}."
