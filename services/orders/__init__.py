"""Orders: one group per purchase, one order per merchant in it."""

from services.orders.access import grant, take_over
from services.orders.errors import NotAllowedInState
from services.orders.handling import cancel, confirm, expire_due
from services.orders.payment import (
    Payable,
    Settlement,
    begin_payment,
    record_refund,
    settle,
)
from services.orders.personal import erase_person, has_under_way, personal_data
from services.orders.place import Placed, place
from services.orders.sales import products_of_orders, units_sold
from services.orders.shipping import (
    ShippableLine,
    ShippableOrder,
    mark_delivered,
    mark_shipped,
    shippable,
)

__all__ = [
    "NotAllowedInState",
    "Payable",
    "Placed",
    "Settlement",
    "ShippableLine",
    "ShippableOrder",
    "begin_payment",
    "cancel",
    "confirm",
    "erase_person",
    "expire_due",
    "grant",
    "has_under_way",
    "mark_delivered",
    "mark_shipped",
    "personal_data",
    "place",
    "products_of_orders",
    "record_refund",
    "settle",
    "shippable",
    "take_over",
    "units_sold",
]
