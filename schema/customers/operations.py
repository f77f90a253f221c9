"""Queries and mutations of customers."""

from typing import Any, Final

import strawberry

from core.errors import BadUserInput, DomainError, InvalidInput, NotFound, VersionConflict
from core.identity import Permission
from engine.declare import column, root
from resolvers import customers as resolve
from resolvers.context import RequestContext
from resolvers.loaders.customers import CUSTOMER_GROUPS, CUSTOMERS
from resolvers.paging import Ask, page, window
from schema.access import ACCOUNT, staff
from schema.catalog.inputs import NOWHERE
from schema.customers.inputs import (
    CustomerGroupSort,
    CustomerGroupUpsertInput,
    CustomerGroupWhere,
    CustomerSort,
    CustomerWhere,
    UserSetActiveInput,
)
from schema.customers.types import (
    Customer,
    CustomerConnection,
    CustomerGroup,
    CustomerGroupConnection,
)
from schema.errors import Payload, UserError, mutation, shown
from schema.fields import relation
from schema.ids import inside, optional, required
from schema.pagination import After, Before, First, Last, is_falling
from services import catalog, customers
from services.customers import MAX_MEMBERS_AT_ONCE, GroupChange

MAX_SEARCH: Final = 254
STAFF: Final = staff(Permission.MANAGE_CUSTOMERS)


@shown(customers.TooManyGroups)
@strawberry.type(description="The owner has as many groups as there may be.")
class TooManyGroups(UserError):
    maximum: int = column(int, description="How many there may be.")


GROUP_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    VersionConflict,
    catalog.Taken,
    customers.TooManyGroups,
]
ACTIVE_REFUSALS: Final[list[type[DomainError]]] = [
    NotFound,
    InvalidInput,
    catalog.PermissionMissing,
]


def _text(search: str | None) -> str:
    """Raises: BadUserInput for what is too long."""
    text = (search or "").strip()
    if len(text) > MAX_SEARCH:
        raise BadUserInput(f"A search takes at most {MAX_SEARCH} characters.")
    return text


def _customers(where: CustomerWhere) -> dict[str, Any]:
    text = _text(where.search)
    filters: dict[str, Any] = dict(resolve.name_filters(text)) if text else {}
    if where.group is not None:
        filters["group"] = inside("CustomerGroup", where.group) or NOWHERE
    if where.is_active is not None:
        filters["open" if where.is_active else "closed"] = True
    filters["registered_from"] = where.registered_from
    filters["registered_to"] = where.registered_to
    return filters


def _groups(where: CustomerGroupWhere) -> dict[str, Any]:
    filters: dict[str, Any] = {"name": _text(where.search).lower() or None}
    if where.merchant_id is not None:
        filters["merchant"] = inside("Merchant", where.merchant_id) or NOWHERE
    if where.is_platforms:
        filters["platform"] = True
    return filters


@strawberry.type
class CustomersQuery:
    @root(
        Customer | None,
        auth=STAFF,
        description="Somebody with an account; null when you may not see them.",
    )
    async def customer(ctx: RequestContext, id: strawberry.ID) -> Any:
        return await ctx.one(CUSTOMERS, inside("Customer", id))

    @root(
        CustomerConnection,
        auth=STAFF,
        description=(
            "Accounts: all of them for the platform's staff; for a merchant's staff those who"
            " ordered of the merchants whose customers they manage."
        ),
    )
    async def customers(
        ctx: RequestContext,
        where: CustomerWhere | None = None,
        sort_by: CustomerSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        sort, asked = sort_by or CustomerSort(), window(first, after, last, before)
        ask = Ask(
            resolve.customers_for(ctx),
            asked,
            sort.key.value,
            is_falling(sort.direction),
            where=_customers(where) if where else None,
        )
        return await page(ctx, ask)

    @root(
        CustomerGroupConnection,
        auth=STAFF,
        description="Groups of the merchants whose customers one manages; the platform sees all.",
    )
    async def customer_groups(
        ctx: RequestContext,
        where: CustomerGroupWhere | None = None,
        sort_by: CustomerGroupSort | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        sort, asked = sort_by or CustomerGroupSort(), window(first, after, last, before)
        ask = Ask(
            resolve.GROUPS,
            asked,
            sort.key.value,
            is_falling(sort.direction),
            where=_groups(where) if where else None,
        )
        return await page(ctx, ask)


@strawberry.type(description="The group, or why nothing changed.")
class CustomerGroupUpsertPayload(Payload):
    group: CustomerGroup | None = relation(
        CustomerGroup | None,
        CUSTOMER_GROUPS,
        "group_id",
        description="As it is now; null when refused.",
    )


@strawberry.type(description="Whose account it is, or why nothing changed.")
class UserSetActivePayload(Payload):
    customer: Customer | None = relation(
        Customer | None, CUSTOMERS, "user_id", description="As they are now; null when refused."
    )


@strawberry.type
class CustomersMutation:
    @mutation(
        CustomerGroupUpsertPayload,
        auth=STAFF,
        description=(
            "Makes a customer group or changes one, and who is in it. Nothing new is a no-op; of"
            " members that can't be taken in, all are told at once and none is taken in. An owner"
            " has at most 200 groups."
        ),
        refusals=GROUP_REFUSALS,
    )
    async def customer_group_upsert(
        ctx: RequestContext, input: CustomerGroupUpsertInput
    ) -> dict[str, Any]:
        change = GroupChange(
            name=input.name,
            description=input.description,
            add=_members(input.add_members, "addMembers"),
            remove=_members(input.remove_members, "removeMembers"),
        )
        return await resolve.group_upsert(
            ctx,
            group_id=optional("CustomerGroup", input.id, "id"),
            merchant_id=optional("Merchant", input.merchant_id, "merchantId"),
            change=change,
            expected_version=input.expected_version,
        )

    @mutation(
        UserSetActivePayload,
        auth=ACCOUNT,
        description=(
            "Closes somebody's account, which ends their sign-ins a second later at the latest, or"
            " opens it again. For the platform's MANAGE_CUSTOMERS; whatever the other holds, for"
            " any merchant, you must hold for all."
        ),
        refusals=ACTIVE_REFUSALS,
    )
    async def user_set_active(ctx: RequestContext, input: UserSetActiveInput) -> dict[str, Any]:
        return await resolve.user_set_active(
            ctx,
            user_id=required("User", input.user_id, "userId"),
            is_active=input.is_active,
            reason=input.reason,
        )


def _members(given: list[strawberry.ID] | None, path: str) -> list[Any]:
    """Raises: InvalidInput for too many; NotFound for ids that are none of ours."""
    if len(given or ()) > MAX_MEMBERS_AT_ONCE:
        raise InvalidInput(problem=f"At most {MAX_MEMBERS_AT_ONCE} at once.", path=(path,))
    return [required("Customer", text, path, str(n)) for n, text in enumerate(given or ())]
