"""Why merchants and their staff are told no, on the wire."""

from typing import Final

import strawberry

from core.errors import DomainError, InvalidInput, NotFound, VersionConflict
from engine.declare import column
from schema.errors import UserError, shown
from schema.orders.errors import NotAllowedInState
from services import catalog, merchants

shown(merchants.NotAllowedInState)(NotAllowedInState)


@shown(merchants.TooManyApplications)
@strawberry.type(description="You wait for the answer to as many applications as one may.")
class TooManyApplications(UserError):
    maximum: int = column(int, description="How many may wait.")


@shown(merchants.TooManyInvitations)
@strawberry.type(description="The merchant waits for the answer to as many invitations as it may.")
class TooManyInvitations(UserError):
    maximum: int = column(int, description="How many may wait; revoke one.")


@shown(merchants.InvitationInvalid)
@strawberry.type(
    description=(
        "The invitation is unknown, for another address, expired, used or revoked, or its sender"
        " lost the right to it; which of these is not told."
    )
)
class InvitationInvalid(UserError):
    pass


@shown(merchants.EmailUnverified)
@strawberry.type(description="Show first that the address of your account is yours.")
class EmailUnverified(UserError):
    pass


@shown(merchants.OwnerRequired)
@strawberry.type(
    description=(
        "Owners are made, changed and unmade by owners, or by platform staff who hold for all"
        " merchants whatever an owner holds."
    )
)
class OwnerRequired(UserError):
    pass


@shown(merchants.LastOwner)
@strawberry.type(description="Nobody else with an open account owns the merchant.")
class LastOwner(UserError):
    pass


@shown(merchants.LastStaffManager)
@strawberry.type(description="Nobody else with an open account manages the platform's staff.")
class LastStaffManager(UserError):
    pass


Refusals = list[type[DomainError]]

APPLY: Final[Refusals] = [
    NotFound,
    InvalidInput,
    catalog.Taken,
    merchants.EmailUnverified,
    merchants.TooManyApplications,
]
REVIEW: Final[Refusals] = [NotFound, InvalidInput, VersionConflict, merchants.NotAllowedInState]
UPDATE: Final[Refusals] = [
    NotFound,
    InvalidInput,
    VersionConflict,
    catalog.Taken,
    catalog.PermissionMissing,
]
STAFF: Final[Refusals] = [
    NotFound,
    InvalidInput,
    catalog.PermissionMissing,
    merchants.OwnerRequired,
    merchants.LastOwner,
]
INVITE: Final[Refusals] = [
    NotFound,
    InvalidInput,
    merchants.NotAllowedInState,
    catalog.PermissionMissing,
    merchants.OwnerRequired,
    merchants.TooManyInvitations,
]
ACCEPT: Final[Refusals] = [merchants.InvitationInvalid, merchants.EmailUnverified]
REVOKE: Final[Refusals] = [NotFound, catalog.PermissionMissing, merchants.OwnerRequired]
PLATFORM: Final[Refusals] = [NotFound, catalog.PermissionMissing, merchants.LastStaffManager]
