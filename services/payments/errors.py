"""Why a payment says no."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class PaymentInProgress(DomainError):
    """An earlier attempt is not decided yet, or its money is just being booked."""

    payment_id: UUID

    @property
    def message(self) -> str:
        return "A payment of this purchase is under way; wait for its outcome."


@dataclass(eq=False, kw_only=True)
class PaymentMethodUnavailable(DomainError):
    method: str

    @property
    def message(self) -> str:
        return f"It is not possible to pay by {self.method} here."


@dataclass(eq=False, kw_only=True)
class RefundTooLarge(DomainError):
    """available_minor: what can still be given back of this order."""

    available_minor: int
    currency: str

    @property
    def message(self) -> str:
        return "More would be given back than was paid."
