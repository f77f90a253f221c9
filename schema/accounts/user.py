"""Users, as they see themselves."""

from collections.abc import Sequence
from typing import Any

import strawberry

from auth.callers import held
from core.db import Row
from core.identity import Permission
from engine.declare import batched, column
from resolvers import orders as resolve_orders
from resolvers.context import RequestContext
from resolvers.loaders.accounts import (
    ADDRESSES_OF_USERS,
    MEMBERSHIPS_OF_USERS,
    SESSIONS_OF_USERS,
)
from resolvers.loaders.factors import (
    IDENTITIES_OF_USERS,
    ONE_TIME_CODES_OF_USERS,
    PASSKEYS_OF_USERS,
)
from resolvers.loaders.merchants import MERCHANTS
from resolvers.paging import window
from schema.access import ACCOUNT, ANYONE
from schema.accounts.address import Address
from schema.factors.types import Identity, OneTimeCodes, Passkey
from schema.fields import Node, computed, lazy, reference, relation
from schema.ids import node_id
from schema.merchants import Merchant
from schema.pagination import After, Before, First, Last
from schema.scalars import DateTime, LanguageCode


@strawberry.type(description="What the caller may do for one merchant.")
class Membership:
    merchant: Merchant | None = reference(
        Merchant | None, MERCHANTS, "merchant_id", description="The merchant they work for."
    )
    is_owner: bool = column(
        bool, description="Owners hold every permission that is not the platform's alone."
    )
    permissions: list[Permission] = computed(
        list[Permission],
        lambda row: held(is_owner=row["is_owner"], permissions=row["permissions"]),
        description="What they may do for the merchant; all of it for owners.",
    )


@strawberry.type(
    description=(
        "A sign-in of the caller, on one device. A program that they let in with OAuth2 sees none."
    ),
    directives=[ACCOUNT],  # the loader shows the caller's own ones only
)
class Session(Node):
    id: strawberry.ID = node_id("Session")
    created_at: DateTime = column(DateTime, description="When they signed in.")
    last_used_at: DateTime = column(
        DateTime,
        description="When its tokens were renewed last: within 10 minutes, while it is used.",
    )
    device: str = column(
        str,
        description=(
            "Where it was used last, as the program says of itself: `Firefox on Windows`. Empty"
            " when it says nothing."
        ),
    )
    network: str = column(
        str,
        "address",
        description=(
            "The network it was used from last, `203.0.113.0/24`: not the exact address, which is"
            " not kept. Empty when unknown."
        ),
    )
    methods: list[str] = column(
        list[str],
        "amr",
        description="How they showed who they are, as RFC 8176 names it: `pwd`, `otp`, `hwk`.",
    )

    @batched(bool, description="Whether this request belongs to it.")
    def is_current(ctx: RequestContext, sessions: Sequence[Row]) -> list[bool]:
        return [session["id"] == ctx.caller.session_id for session in sessions]


@strawberry.type(
    description="Somebody with an account. Shown to themselves only.",
    directives=[ANYONE],  # the loader shows the caller's own one only
)
class User(Node):
    id: strawberry.ID = node_id("User")
    email: str = column(str, description="The address they sign in with, in lower case.")
    email_verified: bool = computed(
        bool,
        lambda row: row["email_verified_at"] is not None,
        description="Whether they have shown that the address is theirs.",
    )
    first_name: str = column(str, description="Perhaps empty.")
    last_name: str = column(str, description="Perhaps empty.")
    phone: str | None = column(str | None, description="Null when not told.")
    language: LanguageCode = column(
        LanguageCode, description="The language in which they want to be written to."
    )
    created_at: DateTime = column(DateTime, description="When the account was opened.")
    version: int = column(int, description="Counts changes; pass it as `expectedVersion`.")
    addresses: list[Address] = relation(
        list[Address],
        ADDRESSES_OF_USERS,
        description="The address book, at most 100: defaults first, then the newest first.",
    )
    passkeys: list[Passkey] = relation(
        list[Passkey],
        PASSKEYS_OF_USERS,
        description="The passkeys that sign in to the account, at most 20, oldest first.",
    )
    identities: list[Identity] = relation(
        list[Identity],
        IDENTITIES_OF_USERS,
        description="The accounts at outside providers that sign in to it, oldest first.",
    )
    one_time_codes: OneTimeCodes | None = relation(
        OneTimeCodes | None,
        ONE_TIME_CODES_OF_USERS,
        description="The second factor; null when it is off.",
    )
    memberships: list[Membership] = relation(
        list[Membership],
        MEMBERSHIPS_OF_USERS,
        description="The merchants they work for; empty for shoppers.",
    )

    @batched(
        lazy("UserOrderConnection", "schema.orders.types"),
        description="What they bought, newest first; as a guest before too.",
    )
    async def orders(
        ctx: RequestContext,
        users: Sequence[Row],
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> list[Any]:
        return await resolve_orders.of_users(ctx, users, window(first, after, last, before))

    permissions: list[Permission] = computed(
        list[Permission],
        lambda row: [each.value for each in Permission if each in row["platform_permissions"]],
        description="What they may do for every merchant, as the platform's own staff.",
    )
    sessions: list[Session] = relation(
        list[Session],
        SESSIONS_OF_USERS,
        description="Where they are signed in, at most 100: the one used last first.",
    )
