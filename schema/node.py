"""`node` and `nodes`: any object by its global id, under the rules of its type and its loader."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import strawberry

from core.db import Row
from core.errors import BadUserInput
from core.ids import decode, prefix_of
from engine.access import Typed
from engine.declare import root
from resolvers.context import RequestContext
from resolvers.loaders import (
    accounts,
    audit,
    cart,
    catalog,
    checkout,
    customers,
    factors,
    inventory,
    orders,
    payments,
    platform,
    shipments,
)
from resolvers.loaders.app_tokens import APP_TOKENS
from resolvers.loaders.base import Relation, Snapshot
from resolvers.loaders.merchants import INVITATIONS, MERCHANTS_VISIBLE
from resolvers.loaders.search import SEARCH_RULES
from schema.access import ANYONE
from schema.fields import Node
from schema.ids import PREFIXES, TYPES

MAX_IDS: Final = 100

# The name of a type, and where its rows are found by id, in the caller's scope.
LOADERS: Final[dict[str, Relation | Snapshot]] = {
    "Address": accounts.ADDRESSES,
    "AppToken": APP_TOKENS,
    "Attribute": catalog.ATTRIBUTES,
    "AuditEntry": audit.ENTRIES,
    "Brand": catalog.BRANDS,
    "Cart": cart.CARTS,
    "CartLine": cart.LINES,
    "Carrier": shipments.CARRIERS,
    "Category": catalog.CATEGORIES,
    "Checkout": checkout.CHECKOUTS,
    "CheckoutLine": checkout.LINES,
    "Collection": catalog.COLLECTIONS_VISIBLE,
    "Customer": customers.CUSTOMERS,
    "CustomerGroup": customers.CUSTOMER_GROUPS,
    "Identity": factors.IDENTITIES,
    "Job": platform.JOBS,
    "Merchant": MERCHANTS_VISIBLE,
    "Order": orders.ORDERS,
    "OrderEvent": orders.EVENTS,
    "OrderGroup": orders.GROUPS,
    "OrderLine": orders.LINES,
    "Parcel": shipments.PARCELS_VISIBLE,
    "Passkey": factors.PASSKEYS,
    "Payment": payments.PAYMENTS,
    "Product": catalog.PRODUCTS_VISIBLE,
    "ProductType": catalog.PRODUCT_TYPES,
    "ProductVariant": catalog.VARIANT_VISIBLE,
    "Refund": payments.REFUNDS,
    "Review": catalog.REVIEWS_VISIBLE,
    "SearchRule": SEARCH_RULES,
    "Session": accounts.SESSIONS,
    "Shipment": shipments.SHIPMENTS_VISIBLE,
    "StaffInvitation": INVITATIONS,
    "StockMovement": inventory.MOVEMENTS_VISIBLE,
    "TrackingEvent": shipments.EVENTS_VISIBLE,
    "User": accounts.USERS,
    "Warehouse": inventory.WAREHOUSES_VISIBLE,
}


async def found(ctx: RequestContext, ids: Sequence[str]) -> list[Typed | None]:
    """The objects of global ids, in their order: one statement per type."""
    wanted = [_key(text) for text in ids]
    rows: dict[tuple[str, UUID], Row | None] = {}
    for name in sorted({each[0] for each in wanted if each}):
        keys = [each[1] for each in wanted if each and each[0] == name]
        source = LOADERS[name]
        if isinstance(source, Snapshot):
            answers = await ctx.known(source, keys)
        else:
            answers = await ctx.rows(source, keys)
        rows |= {(name, key): row for key, row in zip(keys, answers, strict=True)}
    return [
        Typed(each[0], rows[each]) if each and rows[each] is not None else None for each in wanted
    ]


def _key(text: str) -> tuple[str, UUID] | None:
    name = TYPES.get(prefix_of(text) or "", "")
    key = decode(PREFIXES[name], text) if name in LOADERS else None
    return (name, key) if key else None


@strawberry.type
class NodeQuery:
    @root(Node | None, auth=ANYONE, description="Any object by its id; null when it is not yours.")
    async def node(ctx: RequestContext, id: strawberry.ID) -> Any:
        return (await found(ctx, [id]))[0]

    @root(
        list[Node | None],
        auth=ANYONE,
        description="At most 100 objects by their ids, in the order asked; null where not found.",
    )
    async def nodes(ctx: RequestContext, ids: list[strawberry.ID]) -> Any:
        if len(ids) > MAX_IDS:
            raise BadUserInput(f"Ask for at most {MAX_IDS} ids at once.")
        return await found(ctx, ids)
