"""Customers and their groups, as staff may see them.

The platform's staff sees every account; a merchant's staff those who bought of the merchant, with
only as much of their address as tells two of them apart.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, any_, case, exists, func, null, or_, select, true

from core.identity import Permission
from models.accounts import User
from models.customers import CustomerGroup, CustomerGroupMember
from models.orders import Order
from resolvers.loaders.base import KEYS, Relation
from resolvers.scope import permitted, permitted_everywhere

MAX_GROUPS_SHOWN: Final = 100

_sees_all = permitted_everywhere(Permission.MANAGE_CUSTOMERS)
_masked = func.left(User.email, 1) + "***@" + func.split_part(User.email, "@", 2)
CUSTOMER_COLUMNS: Final[list[Any]] = [
    User.id,
    case((_sees_all, User.email), else_=_masked).label("email"),
    case((_sees_all, User.phone), else_=null()).label("phone"),
    User.first_name,
    User.last_name,
    User.is_active,
    User.created_at,
]


def visible_customer() -> ColumnElement[bool]:
    """Accounts that are not erased; for merchants: who ordered of theirs."""
    bought = exists().where(
        Order.owner_id == User.id, permitted(Order.merchant_id, Permission.MANAGE_CUSTOMERS)
    )
    return and_(User.erased_at.is_(None), or_(_sees_all, bought))


def visible_customer_group() -> ColumnElement[bool]:
    """Groups of merchants whose customers one manages; the platform's staff sees all."""
    return permitted(CustomerGroup.merchant_id, Permission.MANAGE_CUSTOMERS)


CUSTOMERS: Final = Relation(
    select(*CUSTOMER_COLUMNS).where(User.id == any_(KEYS), visible_customer()), key="id"
)
STATS_OF_CUSTOMERS: Final = Relation(
    select(
        Order.owner_id.label("id"),
        func.count().label("orders"),
        func.max(Order.placed_at).label("last_ordered_at"),
    )
    .where(Order.owner_id == any_(KEYS), permitted(Order.merchant_id, Permission.MANAGE_CUSTOMERS))
    .group_by(Order.owner_id),
    key="id",
)
CUSTOMER_GROUPS: Final = Relation(
    select(*CustomerGroup.__table__.c).where(
        CustomerGroup.id == any_(KEYS), visible_customer_group()
    ),
    key="id",
)

_users = func.unnest(KEYS).table_valued("id").render_derived(name="wanted")
_theirs = (
    select(*CustomerGroup.__table__.c)
    .join(CustomerGroupMember, CustomerGroupMember.group_id == CustomerGroup.id)
    .where(CustomerGroupMember.user_id == _users.c.id, visible_customer_group())
    .order_by(CustomerGroup.name, CustomerGroup.id)
    .limit(MAX_GROUPS_SHOWN)
    .lateral("theirs")
)
GROUPS_OF_CUSTOMERS: Final = Relation(
    select(_users.c.id.label("user_id"), *_theirs.c)
    .select_from(_users.join(_theirs, true()))
    .order_by(_theirs.c.name, _theirs.c.id),
    key="user_id",
    many=True,
)
MEMBERS_OF_GROUPS: Final = Relation(
    select(CustomerGroupMember.group_id.label("id"), func.count().label("members"))
    .join(CustomerGroup, CustomerGroup.id == CustomerGroupMember.group_id)
    .where(CustomerGroupMember.group_id == any_(KEYS), visible_customer_group())
    .group_by(CustomerGroupMember.group_id),
    key="id",
)
