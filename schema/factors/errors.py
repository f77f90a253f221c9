"""Why a sign-in does not go on, or a way to sign in is not changed, on the wire."""

from typing import Final

import strawberry

from core.errors import DomainError, InvalidInput, NotFound
from engine.declare import column
from schema.errors import UserError, shown
from services import accounts, factors

strawberry.enum(
    factors.SecondFactor,
    description=(
        "What an account may ask for besides the first factor: a one-time code of the device that"
        " was set up, one of the recovery codes, or a passkey."
    ),
)


@shown(factors.SecondFactorRequired)
@strawberry.type(
    description=(
        "The first factor was right, and the account asks for a second one: nobody is signed in"
        " yet. Go on with `tokenCreateComplete`, within 5 minutes and 5 tries."
    )
)
class SecondFactorRequired(UserError):
    ticket: str = column(str, description="For `tokenCreateComplete`; keep it to yourself.")
    methods: list[factors.SecondFactor] = column(
        list[factors.SecondFactor], description="What this account takes; any one of them will do."
    )


@shown(factors.SecondFactorFailed)
@strawberry.type(
    description=(
        "The code is wrong, too old or was used before, or the ticket's time or tries are over;"
        " which of these is not told."
    )
)
class SecondFactorFailed(UserError):
    pass


@shown(factors.RecentSignInRequired)
@strawberry.type(
    description=(
        "How an account is entered can be changed only a short while after signing in: sign in"
        " again, then repeat it."
    )
)
class RecentSignInRequired(UserError):
    maximum_age_seconds: int = column(int, description="How old the sign-in may be.")


@shown(factors.TotpOn)
@strawberry.type(description="One-time codes are on already; remove them to set up another device.")
class TotpOn(UserError):
    pass


@shown(factors.TotpOff)
@strawberry.type(
    description="One-time codes are not on, or were set up more than 15 minutes ago unconfirmed."
)
class TotpOff(UserError):
    pass


@shown(factors.CodeWrong)
@strawberry.type(description="The code is not the one of this moment, give or take 30 seconds.")
class CodeWrong(UserError):
    pass


@shown(factors.PasskeyRefused)
@strawberry.type(
    description=(
        "The passkey is unknown or registered already, the person was not verified, the answer is"
        " for another site or an old request, or the passkey was copied; which of these is not"
        " told. Ask for new options."
    )
)
class PasskeyRefused(UserError):
    pass


@shown(factors.TooManyPasskeys)
@strawberry.type(description="The account has as many passkeys as it may.")
class TooManyPasskeys(UserError):
    maximum: int = column(int, description="How many passkeys an account may have.")


@shown(factors.LastWayToSignIn)
@strawberry.type(
    description=(
        "Without it nobody could sign in to the account any more: it has no password, no other"
        " passkey and no other provider."
    )
)
class LastWayToSignIn(UserError):
    pass


@shown(factors.PasswordTooWeak)
@strawberry.type(description="The password would be guessed soon.")
class PasswordTooWeak(UserError):
    warning: str = column(str, description="What makes it easy to guess, in English; may be empty.")
    suggestions: list[str] = column(
        list[str], description="What would make it better, in English; may be empty."
    )


@shown(factors.ProviderRefused)
@strawberry.type(
    description=(
        "The sign-in at the provider was not begun here by this client, is too old, was used"
        " before, or the provider does not vouch for it; which of these is not told."
    )
)
class ProviderRefused(UserError):
    pass


@shown(factors.LinkRequired)
@strawberry.type(
    description=(
        "No account here belongs to the provider's yet, and none is opened: the provider has not"
        " checked an e-mail address, or an account has that address already. Sign in to an account"
        " or open one, then call `identityLink` with the ticket, within 15 minutes."
    )
)
class LinkRequired(UserError):
    provider: str = column(str, description="The provider's name, as `loginProviders` has it.")
    ticket: str = column(str, description="For `identityLink`; keep it to yourself.")


@shown(factors.LinkTicketInvalid)
@strawberry.type(description="The ticket is unknown, older than 15 minutes, or was used before.")
class LinkTicketInvalid(UserError):
    pass


@shown(factors.IdentityTaken)
@strawberry.type(description="The provider's account is linked to another account here.")
class IdentityTaken(UserError):
    pass


@shown(factors.ProviderLinked)
@strawberry.type(
    description="Another account of this provider is linked already: one of each at most."
)
class ProviderLinked(UserError):
    pass


Refusals = list[type[DomainError]]

TOTP_SETUP: Final[Refusals] = [NotFound, factors.RecentSignInRequired, factors.TotpOn]
TOTP_CONFIRM: Final[Refusals] = [NotFound, factors.CodeWrong, factors.TotpOff, factors.TotpOn]
TOTP_CHANGE: Final[Refusals] = [NotFound, factors.RecentSignInRequired, factors.TotpOff]
SECOND_HALF: Final[Refusals] = [
    InvalidInput,
    NotFound,
    accounts.SignInFailed,
    factors.PasskeyRefused,
    factors.SecondFactorFailed,
]
PASSKEY_BEGIN: Final[Refusals] = [NotFound, factors.RecentSignInRequired, factors.TooManyPasskeys]
PASSKEY_ADD: Final[Refusals] = [
    InvalidInput,
    NotFound,
    factors.PasskeyRefused,
    factors.TooManyPasskeys,
]
PASSKEY_REQUEST: Final[Refusals] = [factors.SecondFactorFailed]
PASSKEY_SIGN_IN: Final[Refusals] = [
    InvalidInput,
    accounts.SignInFailed,
    factors.PasskeyRefused,
    factors.SecondFactorRequired,
]
RENAME: Final[Refusals] = [InvalidInput, NotFound]
REMOVE: Final[Refusals] = [NotFound, factors.LastWayToSignIn, factors.RecentSignInRequired]
LOGIN_START: Final[Refusals] = [InvalidInput, NotFound, factors.ProviderRefused]
LINK_START: Final[Refusals] = [*LOGIN_START, factors.RecentSignInRequired]
LOGIN: Final[Refusals] = [
    accounts.SignInFailed,
    factors.LinkRequired,
    factors.ProviderRefused,
    factors.SecondFactorRequired,
]
LINK: Final[Refusals] = [
    InvalidInput,
    NotFound,
    factors.IdentityTaken,
    factors.LinkTicketInvalid,
    factors.ProviderLinked,
    factors.ProviderRefused,
    factors.RecentSignInRequired,
]
