"""Why a cart says no."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError


@dataclass(eq=False, kw_only=True)
class QuantityOutOfRange(DomainError):
    requested: int
    minimum: int
    maximum: int

    @property
    def message(self) -> str:
        return f"A line takes {self.minimum} to {self.maximum} units."


@dataclass(eq=False, kw_only=True)
class NotForSale(DomainError):
    """The variant exists but can't be bought now, or not in the cart's currency."""

    variant_id: UUID

    @property
    def message(self) -> str:
        return "This is not for sale at the moment."
