"""Ids at the border: `product_<hex>` outside, UUIDs inside."""

from collections.abc import Callable, Sequence
from typing import Any, Final
from uuid import UUID

import strawberry

from core.errors import NotFound
from core.ids import decode, encoder
from engine.declare import column

# The name of a type and the prefix of its ids.
PREFIXES: Final = {
    "Address": "address",
    "AppToken": "apptoken",
    "Attribute": "attribute",
    "AuditEntry": "auditentry",
    "Brand": "brand",
    "Cart": "cart",
    "CartLine": "cartline",
    "Carrier": "carrier",
    "Category": "category",
    "Checkout": "checkout",
    "CheckoutLine": "checkoutline",
    "Collection": "collection",
    "Customer": "customer",
    "CustomerGroup": "customergroup",
    "DeliveryOption": "delivery",
    "Identity": "identity",
    "Job": "job",
    "Media": "media",
    "Merchant": "merchant",
    "Order": "order",
    "OrderEvent": "orderevent",
    "OrderGroup": "ordergroup",
    "OrderLine": "orderline",
    "Parcel": "parcel",
    "Passkey": "passkey",
    "Payment": "payment",
    "Product": "product",
    "ProductType": "producttype",
    "ProductVariant": "variant",
    "Refund": "refund",
    "Review": "review",
    "SearchRule": "searchrule",
    "Session": "session",
    "Shipment": "shipment",
    "StaffInvitation": "staffinvitation",
    "StagedUpload": "upload",
    "StockMovement": "movement",
    "StockReservation": "reservation",
    "TrackingEvent": "trackingevent",
    "User": "user",
    "Warehouse": "warehouse",
}
TYPES: Final = {prefix: name for name, prefix in PREFIXES.items()}


def outside(kind: str) -> Callable[[UUID], str]:
    return encoder(PREFIXES[kind])


def node_id(kind: str, key: str = "id") -> Any:
    """The `id` of a type."""
    text = f"The global id of this {kind}; opaque, stable, and no credential."
    return column(strawberry.ID, key, convert=outside(kind), description=text)


def inside(kind: str, text: str | None) -> UUID | None:
    """The id in an argument of a query: what is malformed or of another kind is not there."""
    return None if text is None else decode(PREFIXES[kind], text)


def required(kind: str, text: str, *path: str) -> UUID:
    """The id in an input of a mutation.

    Raises: NotFound at `path` for what is malformed or of another kind.
    """
    found = decode(PREFIXES[kind], text)
    if found is None:
        raise NotFound(kind=kind, id=text[:100], path=path)
    return found


def optional(kind: str, text: str | None, *path: str) -> UUID | None:
    """The same, of an id that may be left out."""
    return None if text is None else required(kind, text, *path)


def all_inside(kind: str, texts: Sequence[str] | None) -> list[UUID] | None:
    """The ids of a filter; malformed ones match nothing. None when the filter is left out."""
    if texts is None:
        return None
    return [found for text in texts if (found := decode(PREFIXES[kind], text)) is not None]
