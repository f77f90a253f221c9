"""Checkouts: from a cart to an order group, with prices and stock held on the way."""

from services.checkout.begin import create, variants_of_cart
from services.checkout.details import Details, price_for, serves, set_details
from services.checkout.errors import (
    CartChanged,
    CheckoutClosed,
    CheckoutIncomplete,
    PriceChanged,
    TooManyHolds,
)
from services.checkout.finish import cancel, complete, expire_due

__all__ = [
    "CartChanged",
    "CheckoutClosed",
    "CheckoutIncomplete",
    "Details",
    "PriceChanged",
    "TooManyHolds",
    "cancel",
    "complete",
    "create",
    "expire_due",
    "price_for",
    "serves",
    "set_details",
    "variants_of_cart",
]
