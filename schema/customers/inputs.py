"""What staff sends about customers."""

from enum import StrEnum

import strawberry

from schema.pagination import SortDirection
from schema.scalars import DateTime


@strawberry.input(description="Which customers; all conditions must hold.")
class CustomerWhere:
    search: str | None = strawberry.field(
        default=None,
        description=(
            "A whole e-mail address, the begin of a first or last name, or of both: `Ada Ex`. At"
            " most 254 characters; capitals do not matter."
        ),
    )
    group: strawberry.ID | None = strawberry.field(
        default=None, description="In this group, if you may see it."
    )
    is_active: bool | None = strawberry.field(
        default=None, description="Whether their account is open."
    )
    registered_from: DateTime | None = strawberry.field(
        default=None, description="With an account opened at this moment or later."
    )
    registered_to: DateTime | None = strawberry.field(
        default=None, description="With an account opened before this moment."
    )


@strawberry.enum(description="What customers are sorted by.")
class CustomerSortKey(StrEnum):
    REGISTERED = "REGISTERED"


@strawberry.input(description="In which order customers come.")
class CustomerSort:
    key: CustomerSortKey = strawberry.field(
        default=CustomerSortKey.REGISTERED, description="By when the account was opened."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="The newest first if not said."
    )


@strawberry.input(description="Which customer groups; all conditions must hold.")
class CustomerGroupWhere:
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this merchant."
    )
    is_platforms: bool | None = strawberry.field(
        default=None, description="True: only the platform's own. False and null do not look."
    )
    search: str | None = strawberry.field(
        default=None, description="Whose name begins so; at most 100 characters."
    )


@strawberry.enum(description="What customer groups are sorted by.")
class CustomerGroupSortKey(StrEnum):
    NAME = "NAME"
    NEWEST = "NEWEST"


@strawberry.input(description="In which order customer groups come.")
class CustomerGroupSort:
    key: CustomerGroupSortKey = strawberry.field(
        default=CustomerGroupSortKey.NAME, description="NEWEST is by when they were made."
    )
    direction: SortDirection | None = strawberry.field(
        default=None, description="NEWEST falls if not said, NAME rises."
    )


@strawberry.input(description="A customer group; what is left out stays as it is.")
class CustomerGroupUpsertInput:
    id: strawberry.ID | None = strawberry.field(
        default=None, description="The group to change; null makes a new one."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description=(
            "Whose a new one is; null: the platform's, which only its own staff makes. A group"
            " never changes hands: with `id` it is not looked at."
        ),
    )
    name: str | None = strawberry.field(
        default=None, description="1 to 100 characters on one line; a new one needs it."
    )
    description: str | None = strawberry.field(
        default=None, description="For staff: at most 1,000 characters."
    )
    add_members: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=(
            "Customers to take in, at most 500; who is in it already stays. A merchant's group"
            " takes its own buyers only."
        ),
    )
    remove_members: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Customers to take out, at most 500; others are passed over."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="Refuse if the group has another version by now."
    )


@strawberry.input(description="Whether somebody may sign in.")
class UserSetActiveInput:
    user_id: strawberry.ID = strawberry.field(
        description="Whose account; not your own, and not of who holds more than you."
    )
    is_active: bool = strawberry.field(
        description="False closes the account and ends its sign-ins; true opens it again."
    )
    reason: str = strawberry.field(
        default="", description="For the audit log: at most 500 characters."
    )
