"""Warehouses and stock by keys."""

from typing import Final

from sqlalchemy import ColumnElement, and_, any_, exists, or_, select

from core.identity import Permission
from models.catalog import Variant
from models.inventory import StockLevel, StockMovement, Warehouse
from models.merchants import Merchant, MerchantStatus
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import permitted


def visible_warehouse() -> ColumnElement[bool]:
    """Where shoppers may fetch things; all of a merchant for those who manage places or stock."""
    is_open = exists().where(
        Merchant.id == Warehouse.merchant_id, Merchant.status == MerchantStatus.ACTIVE
    )
    return or_(
        and_(Warehouse.is_pickup_point, Warehouse.is_active, is_open),
        permitted(Warehouse.merchant_id, Permission.MANAGE_WAREHOUSES),
        permitted(Warehouse.merchant_id, Permission.MANAGE_INVENTORY),
    )


WAREHOUSES_VISIBLE = Relation(
    select(*Warehouse.__table__.c).where(Warehouse.id == any_(KEYS), visible_warehouse()),
    key="id",
)
LEVEL_COLUMNS: Final = [*StockLevel.__table__.c, Variant.sku]
MOVEMENTS_VISIBLE = Relation(
    select(*StockMovement.__table__.c).where(
        StockMovement.id == any_(KEYS),
        permitted(StockMovement.merchant_id, Permission.MANAGE_INVENTORY),
    ),
    key="id",
)
