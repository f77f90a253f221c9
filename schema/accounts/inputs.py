"""What clients send about accounts."""

import strawberry

from schema.accounts.address import AddressInput
from schema.scalars import LanguageCode


def without_values(secretive: object) -> str:
    """The `repr` of what holds a password or token: it may end up in a log."""
    return f"{type(secretive).__name__}(…)"


@strawberry.input(description="A new account.")
class AccountRegisterInput:
    email: str = strawberry.field(
        description=(
            "An e-mail address, at most 254 characters. It is kept in lower case; the part before"
            " the @ must be ASCII."
        )
    )
    password: str = strawberry.field(
        description="8 to 256 characters, hard to guess, and not the e-mail address."
    )
    first_name: str = strawberry.field(default="", description="At most 100 characters.")
    last_name: str = strawberry.field(default="", description="At most 100 characters.")
    phone: str = strawberry.field(
        default="",
        description=(
            "With `+` and country code, at most 32 characters, kept as E.164; empty: none."
        ),
    )
    language: LanguageCode = strawberry.field(
        default=LanguageCode("en"),
        description="The language in which they want to be written to.",
    )

    __repr__ = without_values


@strawberry.input(description="What opens the account that was asked for.")
class AccountConfirmInput:
    token: str = strawberry.field(
        description=(
            "What the link of the letter has as `token`. It is good for 7 days, and for five"
            " passwords."
        )
    )
    password: str = strawberry.field(
        description="The password that was chosen at registration: the letter alone opens nothing."
    )

    __repr__ = without_values


@strawberry.input(description="Changes to the caller's account; what is left out stays.")
class AccountUpdateInput:
    first_name: str | None = strawberry.field(
        default=None, description="At most 100 characters; empty removes it."
    )
    last_name: str | None = strawberry.field(
        default=None, description="At most 100 characters; empty removes it."
    )
    phone: str | None = strawberry.field(
        default=None,
        description=(
            "With `+` and country code, at most 32 characters, kept as E.164; empty removes it."
        ),
    )
    language: LanguageCode | None = strawberry.field(
        default=None, description="The language in which they want to be written to."
    )
    expected_version: int | None = strawberry.field(
        default=None, description="The version that was read; another one is refused."
    )


@strawberry.input(description="An address for the caller's book.")
class AddressUpsertInput:
    id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The entry to replace; null adds one. Of 100 entries none can be added.",
    )
    address: AddressInput = strawberry.field(
        description="The whole address; one that is in the book already is not added again."
    )
    is_default_shipping: bool | None = strawberry.field(
        default=None,
        description=(
            "Whether to suggest it to send to. The entry that was the default gives it up. Null"
            " leaves it as it is; the first entry of a book becomes the default."
        ),
    )
    is_default_billing: bool | None = strawberry.field(
        default=None, description="The same for the bill."
    )


@strawberry.input(description="Which address to take out of the caller's book.")
class AddressDeleteInput:
    id: strawberry.ID = strawberry.field(description="The entry.")


@strawberry.input(description="Another password for the caller.")
class PasswordChangeInput:
    current_password: str = strawberry.field(description="The password they have now.")
    new_password: str = strawberry.field(
        description="8 to 256 characters, hard to guess, and not the e-mail address."
    )

    __repr__ = without_values


@strawberry.input(description="What somebody signs in with.")
class TokenCreateInput:
    email: str = strawberry.field(description="The e-mail address, in any capitals.")
    password: str = strawberry.field(description="The password.")

    __repr__ = without_values


@strawberry.input(description="What a sign-in goes on with.")
class TokenRefreshInput:
    refresh_token: str = strawberry.field(
        description="The newest refresh token of the sign-in; it is good once."
    )

    __repr__ = without_values


@strawberry.input(description="Which sign-ins of the caller to end; by default this one.")
class TokenRevokeInput:
    session_id: strawberry.ID | None = strawberry.field(
        default=None, description="One of `me.sessions`; null: the one that asks."
    )
    all: bool = strawberry.field(
        default=False, description="Every one, this one too; not together with `sessionId`."
    )
