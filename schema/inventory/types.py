"""Warehouses, stock levels, stock movements."""

from typing import Any

import strawberry

from core.db import Row
from core.identity import Permission
from core.ids import encode
from engine.declare import column
from resolvers.loaders.catalog import VARIANTS_BY_REFERENCE
from resolvers.loaders.inventory import WAREHOUSES_VISIBLE
from resolvers.loaders.merchants import MERCHANTS
from schema.access import ANYONE, staff
from schema.accounts.address import PostalAddress
from schema.catalog.variant import ProductVariant
from schema.fields import Node, computed, reference, relation
from schema.ids import PREFIXES, node_id
from schema.inventory.enums import MovementKind, WarehouseKind
from schema.merchants import Merchant
from schema.pagination import connection
from schema.scalars import DateTime


@strawberry.type(
    description="Where a merchant keeps stock. Shoppers see those where things can be fetched.",
    directives=[ANYONE],
)
class Warehouse(Node):
    id: strawberry.ID = node_id("Warehouse")
    code: str = column(str, description="A stable, readable name; unique for the merchant.")
    name: str = column(str, description="The name for people.")
    kind: WarehouseKind = column(WarehouseKind, description="What kind of place it is.")
    is_pickup_point: bool = column(bool, description="Whether shoppers may fetch things there.")
    is_active: bool = column(bool, description="Whether it is in use; else nothing comes from it.")
    priority: int = column(int, description="Lower ones ship first.")
    address: PostalAddress | None = computed(
        PostalAddress | None,
        lambda warehouse: warehouse["address"] or None,
        description="Where it is; null when not said.",
    )
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Whose it is."
    )


WarehouseConnection = connection(Warehouse)


@strawberry.type(
    description="Units of a variant in a warehouse: onHand = reserved + allocated + available.",
    directives=[staff(Permission.MANAGE_INVENTORY)],
)
class StockLevel:
    warehouse: Warehouse | None = relation(
        Warehouse | None, WAREHOUSES_VISIBLE, "warehouse_id", description="Where."
    )
    variant: ProductVariant | None = relation(
        ProductVariant | None,
        VARIANTS_BY_REFERENCE,
        "variant_id",
        description="Of what; also of what is not published.",
    )
    sku: str = column(str, description="The SKU of the variant.")
    on_hand: int = column(int, description="Units that lie there.")
    reserved: int = column(int, description="Units held for checkouts and unpaid orders.")
    allocated: int = column(int, description="Units sold and not yet sent.")
    available: int = column(int, description="Units that can still be promised.")
    safety_stock: int = column(int, description="With fewer available than this, it is low.")


StockLevelConnection = connection(StockLevel)


def _adjuster(movement: Row) -> str | None:
    """Only staff adjusts; what else moves stock is done by buyers, whom this does not name."""
    if movement["kind"] != MovementKind.ADJUSTMENT or movement["actor_id"] is None:
        return None
    return encode(PREFIXES["User"], movement["actor_id"])


@strawberry.type(
    description="One change of one stock level. What is written here never changes.",
    directives=[staff(Permission.MANAGE_INVENTORY)],
)
class StockMovement(Node):
    id: strawberry.ID = node_id("StockMovement")
    kind: MovementKind = column(MovementKind, description="Why it moved.")
    on_hand_delta: int = column(int, description="Units that came; below zero: that went.")
    reserved_delta: int = column(int, description="Units held; below zero: given back.")
    allocated_delta: int = column(int, description="Units sold; below zero: sent or given back.")
    reason: str = column(str, description="What staff said about an ADJUSTMENT; else empty.")
    created_at: DateTime = column(DateTime, description="When.")
    adjusted_by: Any = computed(
        strawberry.ID | None, _adjuster, description="The user who adjusted; null for other kinds."
    )
    warehouse: Warehouse | None = relation(
        Warehouse | None, WAREHOUSES_VISIBLE, "warehouse_id", description="Where."
    )
    variant: ProductVariant | None = relation(
        ProductVariant | None, VARIANTS_BY_REFERENCE, "variant_id", description="Of what."
    )


StockMovementConnection = connection(StockMovement)
