"""How a user can sign in, as they see it themselves."""

import strawberry

from engine.declare import column
from schema.access import ACCOUNT, ANYONE
from schema.fields import Node
from schema.ids import node_id
from schema.scalars import DateTime


@strawberry.type(
    description="A passkey of the caller: it signs in without a password.",
    directives=[ACCOUNT],  # the loader shows the caller's own ones only
)
class Passkey(Node):
    id: strawberry.ID = node_id("Passkey")
    name: str = column(str, description="What the caller calls it.")
    is_synced: bool = column(
        bool, description="Whether its maker shares it among the caller's other devices."
    )
    created_at: DateTime = column(DateTime, description="When it was registered.")
    last_used_at: DateTime | None = column(
        DateTime | None, description="When it signed in last; null: never."
    )


@strawberry.type(
    description="An account at an outside provider with which the caller can sign in.",
    directives=[ACCOUNT],  # the loader shows the caller's own ones only
)
class Identity(Node):
    id: strawberry.ID = node_id("Identity")
    provider: str = column(str, description="The provider's name, as `loginProviders` has it.")
    created_at: DateTime = column(DateTime, description="When it was linked.")
    last_used_at: DateTime | None = column(
        DateTime | None, description="When it signed in last; null: never."
    )


@strawberry.type(
    description="One-time codes as a second factor: besides the password they are asked for.",
    directives=[ACCOUNT],  # the loader shows the caller's own ones only
)
class OneTimeCodes:
    since: DateTime = column(DateTime, "confirmed_at", description="When they were turned on.")
    recovery_codes_left: int = column(
        int, description="How many recovery codes were not used yet, of 10."
    )


@strawberry.type(
    description="An outside provider with whose accounts people sign in here.",
    directives=[ANYONE],
)
class LoginProvider:  # rows: what resolvers.factors.login_providers gives
    name: str = column(str, description="For `oauthLoginStart`.")
    label: str = column(str, description="What to write on the button.")
