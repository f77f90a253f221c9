"""The tables: columns, keys, constraints; no queries. Imports core only.

Importing this package makes every table known to `Base.metadata`.
"""

from models import (
    accounts,
    analytics,
    audit,
    cart,
    catalog,
    checkout,
    customers,
    factors,
    inventory,
    keys,
    mail,
    merchants,
    oauth,
    orders,
    outbox,
    payments,
    platform,
    pricing,
    search,
    shipments,
)
from models.base import Base

__all__ = [
    "Base",
    "accounts",
    "analytics",
    "audit",
    "cart",
    "catalog",
    "checkout",
    "customers",
    "factors",
    "inventory",
    "keys",
    "mail",
    "merchants",
    "oauth",
    "orders",
    "outbox",
    "payments",
    "platform",
    "pricing",
    "search",
    "shipments",
]
