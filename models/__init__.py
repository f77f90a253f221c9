"""The tables: columns, keys, constraints; no queries. Imports core only.

Importing this package makes every table known to `Base.metadata`.
"""

from models import (
    accounts,
    cart,
    catalog,
    checkout,
    inventory,
    merchants,
    orders,
    outbox,
    payments,
    platform,
    pricing,
    shipments,
)
from models.base import Base

__all__ = [
    "Base",
    "accounts",
    "cart",
    "catalog",
    "checkout",
    "inventory",
    "merchants",
    "orders",
    "outbox",
    "payments",
    "platform",
    "pricing",
    "shipments",
]
