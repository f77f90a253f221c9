"""Which rows a caller may see, as SQL conditions that loaders and lists put into their WHERE.

The parameters are bound from the caller by `RequestContext.fetch`, whatever a field passes.
"""

from typing import Any, cast

from sqlalchemy import ARRAY, Boolean, ColumnElement, Uuid, and_, any_, bindparam, exists, or_

from core.db import SCOPE
from core.identity import Caller, Permission
from models.catalog import Collection, Product
from models.merchants import Merchant, MerchantStatus

CALLER = bindparam(f"{SCOPE}caller", type_=Uuid())
_ALL = f"{SCOPE}all_"
_MERCHANTS = f"{SCOPE}merchants_"


def permitted_everywhere(permission: Permission) -> ColumnElement[bool]:
    """Any row, for the platform's own staff with the permission."""
    return bindparam(_ALL + permission, type_=Boolean())


def permitted(column: Any, permission: Permission) -> ColumnElement[bool]:
    """Rows of merchants for which the caller holds the permission."""
    return or_(permitted_everywhere(permission), permitted_by_name(column, permission))


def permitted_by_name(column: Any, permission: Permission) -> ColumnElement[bool]:
    """The same without the platform's own staff, who hold it for no merchant by name.

    For large tables: a condition that may mean "all" has a plan that reads all.
    """
    return cast(
        "ColumnElement[bool]",
        column == any_(bindparam(_MERCHANTS + permission, type_=ARRAY(Uuid()))),
    )


def owned(column: Any) -> ColumnElement[bool]:
    """Rows that belong to the caller: guest or user. Nobody's for an anonymous caller."""
    mine: ColumnElement[bool] = column == CALLER
    return mine


def visible_product() -> ColumnElement[bool]:
    """Listed products for all; every product of a merchant for those who manage its products."""
    return or_(Product.is_listed, permitted(Product.merchant_id, Permission.MANAGE_PRODUCTS))


def visible_collection() -> ColumnElement[bool]:
    """Published ones of the platform and of merchants who sell; all to who manages them."""
    is_selling = exists().where(
        Merchant.id == Collection.merchant_id, Merchant.status == MerchantStatus.ACTIVE
    )
    return or_(
        and_(Collection.is_published, or_(Collection.merchant_id.is_(None), is_selling)),
        permitted(Collection.merchant_id, Permission.MANAGE_PRODUCTS),
    )


class Scope(dict[str, Any]):
    """The scope parameters of one caller, made when a statement first asks for them."""

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._caller = caller

    def __missing__(self, name: str) -> Any:
        self[name] = value = self._value(name)
        return value

    def _value(self, name: str) -> Any:
        if name == CALLER.key:
            return self._caller.subject
        kind, _, permission = name.removeprefix(SCOPE).partition("_")
        merchants = self._caller.merchants(Permission(permission))
        return merchants is None if kind == "all" else merchants or []
