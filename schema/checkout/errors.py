"""Why a checkout says no, on the wire."""

from typing import Final

import strawberry

from core.errors import (
    DomainError,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    VersionConflict,
)
from engine.declare import column
from schema.checkout.enums import CheckoutStatus
from schema.errors import UserError, shown
from schema.fields import computed
from schema.money import Money
from services import cart, checkout, inventory


@shown(checkout.PriceChanged)
@strawberry.type(
    description="A line costs something else than when the shopper saw it last; ask again."
)
class PriceChanged(UserError):
    line_id: strawberry.ID = column(strawberry.ID, description="The line of the cart.")
    previous_price = computed(
        Money,
        lambda facts: (facts["previous_price_minor"], facts["currency"]),
        description="What a unit cost when the shopper saw it last.",
    )
    current_price = computed(
        Money,
        lambda facts: (facts["current_price_minor"], facts["currency"]),
        description="What a unit costs now; `cartLinesUpdate` of the line accepts it.",
    )


@shown(checkout.CheckoutIncomplete)
@strawberry.type(description="Something has to be set before the checkout can be completed.")
class CheckoutIncomplete(UserError):
    missing: list[str] = column(
        list[str], description="What: `email`, `shippingAddress`, `deliveries`."
    )


@shown(checkout.CheckoutClosed)
@strawberry.type(
    description="It was completed or cancelled, or its time is over; start again from the cart."
)
class CheckoutClosed(UserError):
    status: CheckoutStatus = column(CheckoutStatus, description="What became of it.")


@shown(checkout.TooManyHolds)
@strawberry.type(description="As many purchases wait for their payment as may hold stock.")
class TooManyHolds(UserError):
    maximum: int = column(int, description="How many may wait; pay or cancel one.")


@shown(checkout.CartChanged)
@strawberry.type(
    description="The cart was changed after the checkout began; start the checkout again."
)
class CartChanged(UserError):
    pass


Refusals = list[type[DomainError]]
CREATE_REFUSALS: Final[Refusals] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    cart.NotForSale,
    checkout.PriceChanged,
    checkout.TooManyHolds,
    inventory.OutOfStock,
]
UPDATE_REFUSALS: Final[Refusals] = [
    NotFound,
    InvalidInput,
    VersionConflict,
    checkout.CheckoutClosed,
]
COMPLETE_REFUSALS: Final[Refusals] = [
    NotFound,
    InvalidInput,
    IdempotencyConflict,
    cart.NotForSale,
    checkout.CheckoutClosed,
    checkout.CheckoutIncomplete,
    checkout.CartChanged,
]
CANCEL_REFUSALS: Final[Refusals] = [NotFound, checkout.CheckoutClosed]
