"""What clients send about staff."""

import strawberry

from core.identity import Permission

MERCHANT = "The merchant; you must manage its staff."
GIVEN = "What they may do; never more than you hold. The platform's own permissions are refused."


@strawberry.input(description="Which staff of a merchant, or of the platform.")
class StaffWhere:
    is_owner: bool | None = strawberry.field(
        default=None, description="Whether they own the merchant; the platform has no owners."
    )
    permission: Permission | None = strawberry.field(
        default=None, description="Who holds this permission; owners hold all of a merchant's."
    )


@strawberry.input(description="Which invitations; all conditions must hold.")
class StaffInvitationWhere:
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of this merchant; null: of all whose staff one manages."
    )
    is_open: bool | None = strawberry.field(
        default=None, description="Whether they can still be accepted."
    )


@strawberry.input(description="An invitation to work for a merchant.")
class StaffInviteInput:
    merchant_id: strawberry.ID = strawberry.field(description=MERCHANT)
    email: str = strawberry.field(
        description="To whom; an open invitation that they have is replaced."
    )
    permissions: list[Permission] = strawberry.field(description=f"{GIVEN} At least one.")
    is_owner: bool = strawberry.field(
        default=False, description="Whether they shall own the merchant; only owners may say so."
    )


@strawberry.input(description="The acceptance of an invitation.")
class StaffInvitationAcceptInput:
    token: str = strawberry.field(description="From the link in the letter: its `token`.")

    def __repr__(self) -> str:
        """Without the token: it may end up in a log."""
        return f"{type(self).__name__}(…)"


@strawberry.input(description="An invitation to take back.")
class StaffInvitationRevokeInput:
    id: strawberry.ID = strawberry.field(description="The invitation.")


@strawberry.input(description="What a colleague may do from now on.")
class StaffPermissionsSetInput:
    merchant_id: strawberry.ID = strawberry.field(description=MERCHANT)
    user_id: strawberry.ID = strawberry.field(
        description="Who works there already; they must not hold more than you."
    )
    permissions: list[Permission] = strawberry.field(
        description=f"{GIVEN} All of them: what is not named is taken away."
    )
    is_owner: bool | None = strawberry.field(
        default=None,
        description="Whether they own the merchant, for owners to say; null leaves it as it is.",
    )


@strawberry.input(description="Who works for a merchant no more.")
class StaffRemoveInput:
    merchant_id: strawberry.ID = strawberry.field(description="The merchant.")
    user_id: strawberry.ID = strawberry.field(
        description="A colleague who does not hold more than you, or you yourself."
    )


@strawberry.input(description="What somebody may do for every merchant.")
class PlatformStaffSetInput:
    user_id: strawberry.ID = strawberry.field(
        description="Whose account it is; they must not hold more than you for all merchants."
    )
    permissions: list[Permission] = strawberry.field(
        description=(
            "All of them, never more than you hold for all merchants; none: they work for the"
            " platform no more."
        )
    )
