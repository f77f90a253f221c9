"""Merchants: for display by whatever names them, and as callers may find them."""

from sqlalchemy import ColumnElement, any_, or_, select

from core.identity import Permission
from models.merchants import Merchant, MerchantStatus
from resolvers.loaders.base import KEYS, Relation, Snapshot
from resolvers.scope import permitted

MERCHANTS = Snapshot(select(*Merchant.__table__.c))


def visible_merchant() -> ColumnElement[bool]:
    """Active ones for all, every one for the platform, their own for those who work there."""
    return or_(
        Merchant.status == MerchantStatus.ACTIVE,
        permitted(Merchant.id, Permission.MANAGE_MERCHANTS),
        permitted(Merchant.id, Permission.MANAGE_PRODUCTS),
    )


MERCHANTS_VISIBLE = Relation(
    select(*Merchant.__table__.c).where(Merchant.id == any_(KEYS), visible_merchant()), key="id"
)
