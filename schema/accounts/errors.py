"""Why an account says no, on the wire."""

from typing import Final

import strawberry

from core.errors import DomainError, InvalidInput, NotFound, VersionConflict
from engine.declare import column
from schema.errors import UserError, shown
from services import accounts, factors, merchants


@shown(accounts.EmailTaken)
@strawberry.type(description="There is an account with this e-mail address by now.")
class EmailTaken(UserError):
    pass


@shown(accounts.SignInFailed)
@strawberry.type(
    description=(
        "Unknown e-mail address, wrong password or closed account; which of these is not told."
    )
)
class SignInFailed(UserError):
    pass


@shown(accounts.WrongPassword)
@strawberry.type(
    description=(
        "The password of the account, or the one chosen at registration, is another one; or none"
        " was told where one is needed."
    )
)
class WrongPassword(UserError):
    pass


@shown(accounts.GuestTokenInvalid)
@strawberry.type(description="The text is no guest's token, or its time is over.")
class GuestTokenInvalid(UserError):
    pass


@shown(accounts.RefreshTokenInvalid)
@strawberry.type(
    description=(
        "A refresh token is unknown, expired, of a sign-in that was ended, or was used before."
        " Used again later than 10 seconds after the first time, it ends the sign-in, because"
        " somebody may have stolen it."
    )
)
class TokenInvalid(UserError):
    pass


@shown(accounts.TooManyAddresses)
@strawberry.type(description="The address book is full.")
class TooManyAddresses(UserError):
    maximum: int = column(int, description="How many addresses a book may have.")


@shown(accounts.LinkInvalid)
@strawberry.type(
    description=(
        "The text behind a link of a letter is unknown, was used before, or is too old; a fresh"
        " letter has a fresh one."
    )
)
class LinkInvalid(UserError):
    pass


@shown(accounts.SoleOwner)
@strawberry.type(
    description=(
        "A merchant would be left without an owner: make somebody else one, or close the merchant."
    )
)
class SoleOwner(UserError):
    merchant_id: strawberry.ID = column(strawberry.ID, description="One such merchant.")


Refusals = list[type[DomainError]]

REGISTER: Final[Refusals] = [InvalidInput, factors.PasswordTooWeak]
CONFIRM: Final[Refusals] = [accounts.LinkInvalid, accounts.WrongPassword, accounts.EmailTaken]
UPDATE: Final[Refusals] = [InvalidInput, NotFound, VersionConflict]
ADDRESS: Final[Refusals] = [InvalidInput, NotFound, accounts.TooManyAddresses]
PASSWORD: Final[Refusals] = [
    InvalidInput,
    NotFound,
    accounts.WrongPassword,
    factors.PasswordTooWeak,
]
SIGN_IN: Final[Refusals] = [accounts.SignInFailed, factors.SecondFactorRequired]
REFRESH: Final[Refusals] = [accounts.RefreshTokenInvalid]
REVOKE: Final[Refusals] = [InvalidInput, NotFound]
LINK: Final[Refusals] = [accounts.LinkInvalid]
RESET_REQUEST: Final[Refusals] = [InvalidInput]
RESET: Final[Refusals] = [InvalidInput, accounts.LinkInvalid, factors.PasswordTooWeak]
NEW_EMAIL: Final[Refusals] = [
    InvalidInput,
    NotFound,
    accounts.WrongPassword,
    factors.RecentSignInRequired,
]
UNDO_EMAIL: Final[Refusals] = [accounts.LinkInvalid, accounts.EmailTaken]
PERSON: Final[Refusals] = [NotFound, accounts.WrongPassword, factors.RecentSignInRequired]
DELETE: Final[Refusals] = [*PERSON, accounts.SoleOwner, merchants.LastStaffManager]
