"""Carts: what a shopper wants."""

from services.cart.carts import merge, open_cart
from services.cart.changing import lock_cart
from services.cart.errors import NotForSale, QuantityOutOfRange
from services.cart.lines import (
    MAX_LINES,
    MAX_UNITS_PER_LINE,
    LineChange,
    NewLine,
    add_lines,
    update_lines,
)
from services.cart.personal import erase_person, personal_data

__all__ = [
    "MAX_LINES",
    "MAX_UNITS_PER_LINE",
    "LineChange",
    "NewLine",
    "NotForSale",
    "QuantityOutOfRange",
    "add_lines",
    "erase_person",
    "lock_cart",
    "merge",
    "open_cart",
    "personal_data",
    "update_lines",
]
