"""What clients send about second factors and passkeys."""

import strawberry

from schema.scalars import JSON

_CREDENTIAL = (
    "What `PublicKeyCredential.toJSON()` gives in the browser, at most 20,000 characters a part."
)


def _without_values(secretive: object) -> str:
    """The `repr` of what holds a secret: it may end up in a log."""
    return f"{type(secretive).__name__}(…)"


@strawberry.input(description="The second factor of a sign-in that waits for it; exactly one.")
class TokenCreateCompleteInput:
    ticket: str = strawberry.field(description="Of `SecondFactorRequired`.")
    code: str | None = strawberry.field(
        default=None, description="The six digits of the device at this moment; each is good once."
    )
    recovery_code: str | None = strawberry.field(
        default=None,
        description="One of the recovery codes; capitals, spaces and hyphens do not matter.",
    )
    passkey: JSON | None = strawberry.field(
        default=None,
        description=f"An answer to the options of `passkeySignInStart(ticket:)`: {_CREDENTIAL}",
    )

    __repr__ = _without_values


@strawberry.input(description="A code of the device that was set up.")
class TotpConfirmInput:
    code: str = strawberry.field(description="The six digits it shows at this moment.")

    __repr__ = _without_values


@strawberry.input(description="A new passkey of the caller.")
class PasskeyRegisterInput:
    credential: JSON = strawberry.field(
        description=f"An answer to the options of `passkeyRegistrationStart`: {_CREDENTIAL}"
    )
    name: str = strawberry.field(
        description="What to call it: 1 to 60 characters, for example the device's name."
    )


@strawberry.input(description="Another name for a passkey.")
class PasskeyRenameInput:
    id: strawberry.ID = strawberry.field(description="One of `me.passkeys`.")
    name: str = strawberry.field(description="1 to 60 characters.")


@strawberry.input(description="Which passkey to remove.")
class PasskeyRemoveInput:
    id: strawberry.ID = strawberry.field(description="One of `me.passkeys`.")


@strawberry.input(description="What a passkey is to be asked for.")
class PasskeySignInStartInput:
    ticket: str | None = strawberry.field(
        default=None,
        description=(
            "Of `SecondFactorRequired`, to show a passkey as the second factor; null: to sign in"
            " with the passkey alone."
        ),
    )

    __repr__ = _without_values


@strawberry.input(description="A passkey to sign in with.")
class PasskeySignInInput:
    credential: JSON = strawberry.field(
        description=f"An answer to the options of `passkeySignInStart`: {_CREDENTIAL}"
    )


@strawberry.input(description="Where to sign in, and where to come back to.")
class OauthLoginStartInput:
    provider: str = strawberry.field(description="The name of one of `loginProviders`.")
    redirect_uri: str = strawberry.field(
        description="The client's page to come back to, exactly as it is set for the provider."
    )


@strawberry.input(description="Whose account to link, and where to come back to.")
class IdentityLinkStartInput:
    provider: str = strawberry.field(description="The name of one of `loginProviders`.")
    redirect_uri: str = strawberry.field(
        description="The client's page to come back to, exactly as it is set for the provider."
    )


@strawberry.input(description="With what somebody came back from a provider.")
class OauthCallbackInput:
    state: str = strawberry.field(description="The parameter `state` of the address.")
    verifier: str = strawberry.field(description="What the client kept since the start.")
    code: str = strawberry.field(description="The parameter `code`, at most 2,048 characters.")
    iss: str | None = strawberry.field(
        default=None, description="The parameter `iss`; null when there is none."
    )

    __repr__ = _without_values


@strawberry.input(description="With what somebody came back from a provider, to sign in.")
class OauthLoginCompleteInput(OauthCallbackInput):
    __repr__ = _without_values


@strawberry.input(description="Which account of a provider to link to the caller's; one of both.")
class IdentityLinkInput:
    ticket: str | None = strawberry.field(default=None, description="Of `LinkRequired`.")
    callback: OauthCallbackInput | None = strawberry.field(
        default=None, description="With what the caller came back after `identityLinkStart`."
    )

    __repr__ = _without_values


@strawberry.input(description="Which account of a provider to unlink.")
class IdentityUnlinkInput:
    id: strawberry.ID = strawberry.field(description="One of `me.identities`.")
