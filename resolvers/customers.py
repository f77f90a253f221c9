"""Customers and their groups: lists, and the transaction of each mutation."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Text, Uuid, bindparam, exists, func, or_, select

from auth.callers import forget_caller
from core.identity import Permission
from models.accounts import User
from models.customers import CustomerGroup, CustomerGroupMember
from models.orders import Order
from resolvers.context import RequestContext
from resolvers.listing import Listing, Sort
from resolvers.loaders.customers import (
    CUSTOMER_COLUMNS,
    visible_customer_group,
)
from resolvers.scope import permitted_by_name, permitted_everywhere
from services import customers
from services.customers import GroupChange

LAST_CHARACTER: Final = "\U0010ffff"  # sorts after every other, by bytes


def _begins(column: Any, name: str) -> Any:
    """The column begins with the parameter, whatever capitals: a range that an index answers."""
    folded, first = func.lower(column), bindparam(name, type_=Text())
    return folded.op("~>=~")(first) & folded.op("~<~")(first.op("||")(LAST_CHARACTER))


_filters = {
    "email": User.email == bindparam("email", type_=Text()),
    "name": or_(_begins(User.first_name, "name"), _begins(User.last_name, "name")),
    "first_name": _begins(User.first_name, "first_name"),
    "last_name": _begins(User.last_name, "last_name"),
    "group": exists().where(
        CustomerGroupMember.user_id == User.id,
        CustomerGroupMember.group_id == bindparam("group", type_=Uuid()),
        CustomerGroup.id == CustomerGroupMember.group_id,
        visible_customer_group(),
    ),
    "open": User.is_active,
    "closed": ~User.is_active,
    "registered_from": User.created_at
    >= bindparam("registered_from", type_=DateTime(timezone=True)),
    "registered_to": User.created_at < bindparam("registered_to", type_=DateTime(timezone=True)),
}
_sorts = {"REGISTERED": Sort(User.created_at, descending=True)}
_is_there = User.erased_at.is_(None)

# Every account, for the platform's staff only.
ALL_CUSTOMERS: Final = Listing(
    select(*CUSTOMER_COLUMNS).where(_is_there, permitted_everywhere(Permission.MANAGE_CUSTOMERS)),
    User.id,
    sorts=_sorts,
    filters=_filters,
    spread={},
)
_buyers = select(Order.owner_id).where(
    permitted_by_name(Order.merchant_id, Permission.MANAGE_CUSTOMERS)
)
# Who ordered of the merchants whose customers one manages. A semi-join: the planner goes through
# the buyers where they are few, and through the accounts, which stops at a page, where many.
BUYERS: Final = Listing(
    select(*CUSTOMER_COLUMNS).where(_is_there, User.id.in_(_buyers)),
    User.id,
    sorts=_sorts,
    filters=_filters,
    spread={},
)
GROUPS: Final = Listing(
    select(*CustomerGroup.__table__.c).where(visible_customer_group()),
    CustomerGroup.id,
    sorts={
        "NAME": Sort(CustomerGroup.name),
        "NEWEST": Sort(CustomerGroup.created_at, descending=True),
    },
    filters={
        "merchant": CustomerGroup.merchant_id == bindparam("merchant", type_=Uuid()),
        "platform": CustomerGroup.merchant_id.is_(None),
        "name": _begins(CustomerGroup.name, "name"),
    },
    spread={},
)


def customers_for(ctx: RequestContext) -> Listing:
    """The list of whom the caller may see."""
    sees_all = ctx.caller.merchants(Permission.MANAGE_CUSTOMERS) is None
    return ALL_CUSTOMERS if sees_all else BUYERS


def name_filters(search: str) -> dict[str, str]:
    """The filters of a text that is an e-mail address, the begin of a name, or of both names."""
    text = search.strip().lower()
    if "@" in text:
        return {"email": text}
    first, *rest = text.split(maxsplit=1)
    return {"first_name": first, "last_name": rest[0]} if rest else {"name": first}


async def group_upsert(
    ctx: RequestContext,
    *,
    group_id: UUID | None,
    merchant_id: UUID | None,
    change: GroupChange,
    expected_version: int | None,
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        saved = await customers.save_group(
            session,
            ctx.caller,
            group_id=group_id,
            merchant_id=merchant_id,
            change=change,
            expected_version=expected_version,
        )
    return {"group_id": saved}


async def user_set_active(
    ctx: RequestContext, *, user_id: UUID, is_active: bool, reason: str
) -> dict[str, Any]:
    async with ctx.db.transaction() as session:
        await customers.set_active(
            session, ctx.caller, user_id=user_id, is_active=is_active, reason=reason
        )
    forget_caller(user_id)
    return {"user_id": user_id}
