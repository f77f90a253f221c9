"""What mutations of accounts answer."""

from typing import Final

import strawberry

from engine.declare import column
from resolvers.loaders.accounts import ADDRESSES, USERS
from schema.accounts.address import Address
from schema.accounts.user import User
from schema.errors import Payload
from schema.fields import relation
from schema.ids import outside
from schema.scalars import DateTime

_CALLER: Final = "The caller; null when refused."


@strawberry.type
class Tokens(Payload):
    access_token: str | None = column(
        str | None,
        description="Send it as `Authorization: Bearer …`; null when refused.",
    )
    refresh_token: str | None = column(
        str | None,
        description=(
            "For `tokenRefresh`, once and within 30 days; keep it where scripts of others can't"
            " read it. Null when refused."
        ),
    )
    expires_at: DateTime | None = column(
        DateTime | None, description="When the access token ends; null when refused."
    )
    user: User | None = relation(
        User | None, USERS, "user_id", description="Who is signed in; null when refused."
    )


@strawberry.type(description="Nothing is told but what was wrong with the input.")
class AccountRegisterPayload(Payload):
    pass


@strawberry.type(description="The new account, signed in; or why there is none.")
class AccountConfirmPayload(Tokens):
    pass


@strawberry.type(description="The tokens of a new sign-in; or why there is none.")
class TokenCreatePayload(Tokens):
    pass


@strawberry.type(description="The next tokens of a sign-in; or why there are none.")
class TokenRefreshPayload(Tokens):
    pass


@strawberry.type(description="What was ended, or why nothing was.")
class TokenRevokePayload(Payload):
    ended_sessions: int | None = column(
        int | None,
        description="How many sign-ins were ended: 0 when they were before. Null when refused.",
    )


@strawberry.type(description="The account after the change, or why nothing changed.")
class AccountUpdatePayload(Payload):
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="Whose password was changed, or why it was not.")
class PasswordChangePayload(Payload):
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="The entry of the address book, or why nothing changed.")
class AddressUpsertPayload(Payload):
    address: Address | None = relation(
        Address | None, ADDRESSES, "address_id", description="The entry; null when refused."
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)


@strawberry.type(description="Which entry is gone, or why nothing changed.")
class AddressDeletePayload(Payload):
    deleted_address_id: strawberry.ID | None = column(
        strawberry.ID | None,
        convert=outside("Address"),
        description="The id of the entry; null when refused.",
    )
    user: User | None = relation(User | None, USERS, "user_id", description=_CALLER)
