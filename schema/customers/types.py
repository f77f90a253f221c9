"""Customers and their groups."""

from collections.abc import Sequence
from typing import Any

import strawberry

from core.db import Row
from core.identity import Permission
from engine.declare import batched, column
from resolvers.context import RequestContext
from resolvers.loaders.customers import (
    GROUPS_OF_CUSTOMERS,
    MEMBERS_OF_GROUPS,
    STATS_OF_CUSTOMERS,
)
from resolvers.loaders.merchants import MERCHANTS
from schema.access import staff
from schema.fields import Node, reference, relation
from schema.ids import node_id, outside
from schema.merchants import Merchant
from schema.pagination import connection
from schema.scalars import DateTime


@strawberry.type(
    description="Customers who are treated alike: of a merchant, or of the platform for all.",
    directives=[staff(Permission.MANAGE_CUSTOMERS)],
)
class CustomerGroup(Node):
    id: strawberry.ID = node_id("CustomerGroup")
    name: str = column(str, description="For staff; unique among the groups of one owner.")
    description: str = column(str, description="For staff; perhaps empty.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="Whose it is; null: the platform's."
    )

    @batched(int, description="How many customers are in it; `customers` lists them.")
    async def member_count(ctx: RequestContext, groups: Sequence[Row]) -> list[int]:
        found = await ctx.rows(MEMBERS_OF_GROUPS, [group["id"] for group in groups])
        return [row["members"] if row else 0 for row in found]


@strawberry.type(
    description=(
        "Somebody with an account, as staff sees them: the platform's sees everybody, a merchant's"
        " those who ordered of it with an account."
    ),
    directives=[staff(Permission.MANAGE_CUSTOMERS)],
)
class Customer(Node):
    id: strawberry.ID = node_id("Customer")
    user_id: strawberry.ID = column(
        strawberry.ID,
        "id",
        convert=outside("User"),
        description="Names the account in `userSetActive` and `platformStaffSet`.",
    )
    email: str = column(
        str,
        description=(
            "The address of the account; for merchants, all but its first character before the @"
            " is hidden: `a***@example.com`."
        ),
    )
    phone: str | None = column(
        str | None, description="Null when not told; shown to the platform's staff only."
    )
    first_name: str = column(str, description="Perhaps empty.")
    last_name: str = column(str, description="Perhaps empty.")
    is_active: bool = column(bool, description="False while the platform has closed the account.")
    registered_at: DateTime = column(
        DateTime, "created_at", description="When the account was opened."
    )
    groups: list[CustomerGroup] = relation(
        list[CustomerGroup],
        GROUPS_OF_CUSTOMERS,
        description="The groups that you may see, by name; at most 100.",
    )

    @batched(int, description="How many orders they placed, of the merchants that you may see.")
    async def order_count(ctx: RequestContext, customers: Sequence[Row]) -> list[int]:
        found = await ctx.rows(STATS_OF_CUSTOMERS, [row["id"] for row in customers])
        return [row["orders"] if row else 0 for row in found]

    @batched(
        DateTime | None,
        description="When they ordered last, of the merchants that you may see; null: never.",
    )
    async def last_ordered_at(ctx: RequestContext, customers: Sequence[Row]) -> list[Any]:
        found = await ctx.rows(STATS_OF_CUSTOMERS, [row["id"] for row in customers])
        return [row["last_ordered_at"] if row else None for row in found]


CustomerConnection = connection(Customer)
CustomerGroupConnection = connection(CustomerGroup)
