"""Why a checkout says no."""

from dataclasses import dataclass
from uuid import UUID

from core.errors import DomainError
from core.money import amount_text


@dataclass(eq=False, kw_only=True)
class PriceChanged(DomainError):
    """A line costs something else than when the shopper saw it last; `cartLinesUpdate` accepts."""

    line_id: UUID
    currency: str
    previous_price_minor: int
    current_price_minor: int

    @property
    def message(self) -> str:
        now = amount_text(self.current_price_minor, self.currency)
        return f"The price has changed to {now} {self.currency}."


@dataclass(eq=False, kw_only=True)
class CheckoutIncomplete(DomainError):
    """missing: what has to be set first: `email`, `shippingAddress`, `deliveries`."""

    missing: list[str]

    @property
    def message(self) -> str:
        return f"Set first: {', '.join(self.missing)}."


@dataclass(eq=False, kw_only=True)
class CheckoutClosed(DomainError):
    """It was completed, cancelled, or its time is over; start a new one from the cart."""

    status: str

    @property
    def message(self) -> str:
        return f"This checkout is {self.status.lower()}."


@dataclass(eq=False, kw_only=True)
class TooManyHolds(DomainError):
    """The caller has as many unpaid purchases as may hold stock: pay or cancel one."""

    maximum: int

    @property
    def message(self) -> str:
        return f"At most {self.maximum} purchases may wait for their payment."


@dataclass(eq=False, kw_only=True)
class CartChanged(DomainError):
    @property
    def message(self) -> str:
        return "The cart was changed after the checkout began; start the checkout again."
