"""Who works for a merchant, or for the platform; and who was asked to."""

import strawberry

from auth.callers import held
from core.clock import now
from core.db import Row
from core.identity import Permission
from engine.declare import column
from models.merchants import Membership
from resolvers.loaders.merchants import MERCHANTS
from schema.access import staff
from schema.fields import Node, computed, lazy, reference
from schema.ids import node_id, outside
from schema.pagination import connection
from schema.scalars import DateTime

# Before the first field of this type.
strawberry.enum(
    Permission, description="What staff may do, for one merchant or, on the platform, for all."
)


@strawberry.type(
    description=(
        "Somebody who works for a merchant, or for the platform. Shown to who manages that staff."
    )
)
class StaffMember:
    user_id: strawberry.ID = column(
        strawberry.ID,
        convert=outside("User"),
        description="Names them in `staffPermissionsSet` and `staffRemove`.",
    )
    email: str = column(str, description="The address they sign in with.")
    first_name: str = column(str, description="Perhaps empty.")
    last_name: str = column(str, description="Perhaps empty.")
    is_owner: bool = column(
        bool,
        description=(
            "Owners hold every permission that is not the platform's alone. The platform itself"
            " has none."
        ),
    )
    permissions: list[Permission] = computed(
        list[Permission],
        lambda row: (
            [each.value for each in Permission if each in row["permissions"]]
            if row["merchant_id"] is None
            else held(is_owner=row["is_owner"], permissions=row["permissions"])
        ),
        description="What they may do for the merchant, or, on the platform, for all.",
    )
    is_active: bool = column(bool, description="False while the platform has closed the account.")
    joined_at: DateTime = column(
        DateTime,
        description="Since when they work for the merchant; on the platform: have an account.",
    )


def _is_open(row: Row) -> bool:
    """Neither accepted nor revoked, and in time."""
    is_answered = row["accepted_at"] or row["revoked_at"]
    return not is_answered and row["expires_at"] > now()


@strawberry.type(
    description="An offer to work for a merchant, made by letter. Shown to who manages its staff.",
    directives=[staff(Permission.MANAGE_STAFF)],
)
class StaffInvitation(Node):
    id: strawberry.ID = node_id("StaffInvitation")
    merchant = reference(
        lazy("Merchant", "schema.merchants.types") | None,
        MERCHANTS,
        "merchant_id",
        description="For whom.",
    )
    sender_id: strawberry.ID = column(
        strawberry.ID,
        "invited_by",
        convert=outside("User"),
        description="The user who sent it: one of `staffMembers`, or of the platform's staff.",
    )
    email: str | None = column(
        str | None, description="To whom; null once it was accepted or revoked."
    )
    permissions: list[Permission] = column(
        list[Permission],
        description="What is offered. At acceptance it is cut to what its sender then holds.",
    )
    is_owner: bool = column(bool, description="Whether ownership is offered.")
    created_at: DateTime = column(DateTime, description="When it was sent.")
    expires_at: DateTime = column(DateTime, description="Until when it is good: seven days.")
    accepted_at: DateTime | None = column(
        DateTime | None, description="When it was accepted; null when it was not."
    )
    revoked_at: DateTime | None = column(
        DateTime | None,
        description="When it was taken back, or replaced by a newer one; null when it was not.",
    )
    is_open: bool = computed(bool, _is_open, description="Whether it can still be accepted.")


StaffMemberConnection = connection(StaffMember)
MerchantStaffConnection = connection(
    StaffMember, name="MerchantStaff", parent_column=Membership.merchant_id
)
StaffInvitationConnection = connection(StaffInvitation)
