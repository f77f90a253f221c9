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

__all__ = [
    "MAX_LINES",
    "MAX_UNITS_PER_LINE",
    "LineChange",
    "NewLine",
    "NotForSale",
    "QuantityOutOfRange",
    "add_lines",
    "lock_cart",
    "merge",
    "open_cart",
    "update_lines",
]
