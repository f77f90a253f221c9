"""What mutations of second factors and passkeys answer."""

from typing import Final

import strawberry

from engine.declare import column
from resolvers.loaders.accounts import USERS
from resolvers.loaders.factors import IDENTITIES, PASSKEYS
from schema.accounts.payloads import Tokens
from schema.accounts.user import User
from schema.errors import Payload
from schema.factors.types import Identity, Passkey
from schema.fields import relation
from schema.ids import outside
from schema.scalars import JSON

_CALLER: Final = "The caller; null when refused."
_CODES: Final = (
    "Ten codes, each good once, for who has lost the device. They are shown only now: print them."
    " Null when refused."
)


@strawberry.type(description="The tokens of a new sign-in; or why there is none.")
class TokenCreateCompletePayload(Tokens):
    pass


@strawberry.type(description="The tokens of a new sign-in; or why there is none.")
class PasskeySignInPayload(Tokens):
    pass


@strawberry.type(description="What to set a device up with, or why nothing changed.")
class TotpSetupPayload(Payload):
    secret: str | None = column(
        str | None,
        description="To type into an app, in base 32; shown only now. Null when refused.",
    )
    uri: str | None = column(
        str | None, description="`otpauth://…`, which apps read; shown only now. Null when refused."
    )
    qr_code: str | None = column(
        str | None,
        description="The URI as a picture: `data:image/svg+xml…`, for `<img>`. Null when refused.",
    )


@strawberry.type(description="Whether one-time codes are on, and the recovery codes.")
class TotpConfirmPayload(Payload):
    recovery_codes: list[str] | None = column(list[str] | None, description=_CODES)
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="Whose one-time codes were turned off, or why they were not.")
class TotpRemovePayload(Payload):
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="The new recovery codes, or why the old ones stay.")
class RecoveryCodesRenewPayload(Payload):
    recovery_codes: list[str] | None = column(list[str] | None, description=_CODES)
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="What the browser is to be asked, or why nothing was begun.")
class PasskeyRegistrationStartPayload(Payload):
    options: JSON | None = column(
        JSON | None,
        description=(
            "For `PublicKeyCredential.parseCreationOptionsFromJSON` and"
            " `navigator.credentials.create`; good once, for 5 minutes. Null when refused."
        ),
    )


@strawberry.type(description="The new passkey, or why there is none.")
class PasskeyRegisterPayload(Payload):
    passkey: Passkey | None = relation(
        Passkey | None, PASSKEYS, "passkey_id", description="The passkey; null when refused."
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="The passkey with its name, or why it keeps the old one.")
class PasskeyRenamePayload(Payload):
    passkey: Passkey | None = relation(
        Passkey | None, PASSKEYS, "passkey_id", description="The passkey; null when refused."
    )


@strawberry.type(description="Which passkey is gone, or why it stays.")
class PasskeyRemovePayload(Payload):
    removed_passkey_id: strawberry.ID | None = column(
        strawberry.ID | None,
        convert=outside("Passkey"),
        description="The id of the passkey; null when refused.",
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="What the browser is to be asked, or why nothing was begun.")
class PasskeySignInStartPayload(Payload):
    options: JSON | None = column(
        JSON | None,
        description=(
            "For `PublicKeyCredential.parseRequestOptionsFromJSON` and"
            " `navigator.credentials.get`; good once, for 5 minutes. Null when refused."
        ),
    )


@strawberry.type
class Started(Payload):
    address: str | None = column(
        str | None, description="Send the person there within 10 minutes; null when refused."
    )
    state: str | None = column(
        str | None,
        description="Comes back as the parameter `state`, unchanged. Null when refused.",
    )
    verifier: str | None = column(
        str | None,
        description=(
            "Keep it, where scripts of others can't read it, until the person is back: without it"
            " the callback is worthless. Null when refused."
        ),
    )


@strawberry.type(description="Where to send somebody to sign in, or why nothing was begun.")
class OauthLoginStartPayload(Started):
    pass


@strawberry.type(description="Where to send the caller, or why nothing was begun.")
class IdentityLinkStartPayload(Started):
    pass


@strawberry.type(description="The tokens of a new sign-in; or why there is none.")
class OauthLoginCompletePayload(Tokens):
    pass


@strawberry.type(description="The account of the provider, linked; or why it is not.")
class IdentityLinkPayload(Payload):
    identity: Identity | None = relation(
        Identity | None, IDENTITIES, "identity_id", description="The link; null when refused."
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="Which account of a provider is unlinked, or why it stays.")
class IdentityUnlinkPayload(Payload):
    unlinked_identity_id: strawberry.ID | None = column(
        strawberry.ID | None,
        convert=outside("Identity"),
        description="The id of the link; null when refused.",
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)
