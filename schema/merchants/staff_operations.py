"""Queries and mutations of staff."""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from core.identity import Permission
from engine.declare import batched, column, root
from resolvers import merchants as resolve
from resolvers.context import RequestContext
from resolvers.loaders.merchants import INVITATIONS, MERCHANTS_JOINED, PLATFORM_STAFF_OF_USERS
from resolvers.paging import Ask, page, window
from schema.access import ACCOUNT, staff
from schema.catalog.inputs import NOWHERE
from schema.errors import Outcome, Payload, mutation
from schema.fields import relation
from schema.ids import inside, outside, required
from schema.merchants import errors
from schema.merchants.staff import (
    StaffInvitation,
    StaffInvitationConnection,
    StaffMember,
    StaffMemberConnection,
)
from schema.merchants.staff_inputs import (
    PlatformStaffSetInput,
    StaffInvitationAcceptInput,
    StaffInvitationRevokeInput,
    StaffInvitationWhere,
    StaffInviteInput,
    StaffPermissionsSetInput,
    StaffRemoveInput,
    StaffWhere,
)
from schema.merchants.types import Merchant
from schema.pagination import After, Before, First, Last

INVITATION = "As it is now; null when refused."
MerchantId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Whose staff; null: the platform's own."),
]


@strawberry.type
class StaffQuery:
    @root(
        StaffMemberConnection,
        auth=staff(Permission.MANAGE_STAFF),
        description=(
            "Who works for a merchant whose staff one manages, who joined first first; without"
            " `merchantId` the platform's own staff, for those who manage it."
        ),
    )
    async def staff_members(
        ctx: RequestContext,
        merchant_id: MerchantId = None,
        where: StaffWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        listing, filters = resolve.PLATFORM_STAFF, dict[str, Any]()
        if merchant_id is not None:
            listing = resolve.STAFF
            filters["merchant"] = inside("Merchant", merchant_id) or NOWHERE
        if where and where.permission:
            filters["permission"] = where.permission.value
        if where and where.is_owner is not None:
            filters["owners" if where.is_owner else "others"] = True
        return await page(
            ctx, Ask(listing, window(first, after, last, before), "JOINED", where=filters)
        )

    @root(
        StaffInvitationConnection,
        auth=staff(Permission.MANAGE_STAFF),
        description="Invitations of the merchants whose staff one manages, the newest first.",
    )
    async def staff_invitations(
        ctx: RequestContext,
        where: StaffInvitationWhere | None = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        filters: dict[str, Any] = {}
        if where and where.merchant_id is not None:
            filters["merchant"] = inside("Merchant", where.merchant_id) or NOWHERE
        if where and where.is_open is not None:
            filters["open" if where.is_open else "ended"] = True
        asked = window(first, after, last, before)
        return await page(ctx, Ask(resolve.INVITATIONS, asked, "NEWEST", where=filters))


@strawberry.type(description="The invitation that was sent, or why none was.")
class StaffInvitePayload(Payload):
    invitation: StaffInvitation | None = relation(
        StaffInvitation | None, INVITATIONS, "invitation_id", description=INVITATION
    )


@strawberry.type(description="The invitation that was taken back, or why it was not.")
class StaffInvitationRevokePayload(Payload):
    invitation: StaffInvitation | None = relation(
        StaffInvitation | None, INVITATIONS, "invitation_id", description=INVITATION
    )


@strawberry.type(description="For whom the caller works from now on, or why not.")
class StaffInvitationAcceptPayload(Payload):
    merchant: Merchant | None = relation(
        Merchant | None,
        MERCHANTS_JOINED,
        "merchant_id",
        description="The merchant; null when refused. `me.memberships` tells the permissions.",
    )


@strawberry.type(description="The colleague after the change, or why nothing changed.")
class StaffPermissionsSetPayload(Payload):
    @batched(
        StaffMember | None,
        description="As they are now; null when refused, or when you may see them no more.",
    )
    async def staff_member(ctx: RequestContext, payloads: Sequence[Outcome]) -> list[Any]:
        return [
            await resolve.member_of(ctx, payload["merchant_id"], payload["user_id"])
            for payload in payloads
        ]


@strawberry.type(description="Who was removed, or why nobody was.")
class StaffRemovePayload(Payload):
    removed_user_id: strawberry.ID | None = column(
        strawberry.ID | None, convert=outside("User"), description="Who; null when refused."
    )


@strawberry.type(
    description="The platform's staff member after the change, or why nothing changed."
)
class PlatformStaffSetPayload(Payload):
    staff_member: StaffMember | None = relation(
        StaffMember | None,
        PLATFORM_STAFF_OF_USERS,
        "user_id",
        description="As they are now; null when refused, or when they are staff no more.",
    )


@strawberry.type
class StaffMutation:
    @mutation(
        StaffInvitePayload,
        auth=ACCOUNT,
        description=(
            "Invites somebody by e-mail to work for a merchant. The letter's link is good for seven"
            " days, once, and only for the account with that address. At most 50 invitations of a"
            " merchant wait at a time; one that is APPLIED or CLOSED invites nobody."
        ),
        refusals=errors.INVITE,
    )
    async def staff_invite(ctx: RequestContext, input: StaffInviteInput) -> dict[str, Any]:
        return await resolve.invite(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            email=input.email,
            permissions=input.permissions,
            is_owner=input.is_owner,
        )

    @mutation(
        StaffInvitationAcceptPayload,
        auth=ACCOUNT,
        description=(
            "Accepts an invitation: for whoever is signed in with the invited address and has shown"
            " that it is theirs. What is given is cut to what the sender holds now, and added to"
            " what the caller may do for the merchant already."
        ),
        refusals=errors.ACCEPT,
    )
    async def staff_invitation_accept(
        ctx: RequestContext, input: StaffInvitationAcceptInput
    ) -> dict[str, Any]:
        return await resolve.accept(ctx, token=input.token)

    @mutation(
        StaffInvitationRevokePayload,
        auth=ACCOUNT,
        description="Takes an invitation back. One that was answered or expired stays as it is.",
        refusals=errors.REVOKE,
    )
    async def staff_invitation_revoke(
        ctx: RequestContext, input: StaffInvitationRevokeInput
    ) -> dict[str, Any]:
        return await resolve.revoke(ctx, invitation_id=required("StaffInvitation", input.id, "id"))

    @mutation(
        StaffPermissionsSetPayload,
        auth=ACCOUNT,
        description=(
            "Says what a colleague may do for a merchant; good everywhere a second later. You need"
            " MANAGE_STAFF, and everything that they held or shall hold. The last owner stays one."
        ),
        refusals=errors.STAFF,
    )
    async def staff_permissions_set(
        ctx: RequestContext, input: StaffPermissionsSetInput
    ) -> dict[str, Any]:
        return await resolve.set_permissions(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            user_id=required("User", input.user_id, "userId"),
            permissions=input.permissions,
            is_owner=input.is_owner,
        )

    @mutation(
        StaffRemovePayload,
        auth=ACCOUNT,
        description=(
            "Ends somebody's work for a merchant: a colleague's, under the rules of"
            " `staffPermissionsSet`, or your own. The last owner can't go."
        ),
        refusals=errors.STAFF,
    )
    async def staff_remove(ctx: RequestContext, input: StaffRemoveInput) -> dict[str, Any]:
        return await resolve.remove(
            ctx,
            merchant_id=required("Merchant", input.merchant_id, "merchantId"),
            user_id=required("User", input.user_id, "userId"),
        )

    @mutation(
        PlatformStaffSetPayload,
        auth=ACCOUNT,
        description=(
            "Says what somebody may do for every merchant, as the platform's own staff. You need"
            " MANAGE_STAFF for all merchants, and everything that they held or shall hold. The last"
            " one with MANAGE_STAFF keeps it."
        ),
        refusals=errors.PLATFORM,
    )
    async def platform_staff_set(
        ctx: RequestContext, input: PlatformStaffSetInput
    ) -> dict[str, Any]:
        return await resolve.platform_staff_set(
            ctx,
            user_id=required("User", input.user_id, "userId"),
            permissions=input.permissions,
        )
