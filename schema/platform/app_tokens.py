"""Tokens of programs."""

from typing import Annotated, Any, Final

import strawberry

from core.errors import InvalidInput, NotFound
from core.identity import Permission
from engine.declare import column, root
from resolvers import app_tokens as resolve
from resolvers.context import RequestContext
from resolvers.loaders.app_tokens import APP_TOKENS
from resolvers.loaders.merchants import MERCHANTS
from resolvers.paging import Ask, page, window
from schema.access import ACCOUNT, staff
from schema.errors import Payload, UserError, mutation, shown
from schema.fields import Node, computed, reference, relation
from schema.ids import inside, node_id, optional, required
from schema.merchants import Merchant
from schema.pagination import After, Before, First, Last, connection
from schema.scalars import DateTime
from services.catalog import PermissionMissing
from services.platform import TooManyAppTokens as TooMany

KEEPERS: Final = Permission.MANAGE_SETTINGS


@shown(TooMany)
@strawberry.type(description="The merchant has too many app tokens that are not revoked.")
class TooManyAppTokens(UserError):
    maximum: int = column(int, description="How many there may be.")


@strawberry.type(
    description="What a program shows instead of a person's sign-in, as `Authorization: Bearer"
    " mf_…`. It is shown once, when it is made. Whoever manages the settings of its merchant sees"
    " and revokes it.",
    directives=[staff(KEEPERS)],  # for whom, the loader knows
)
class AppToken(Node):
    id: strawberry.ID = node_id("AppToken")
    name: str = column(str, description="What it is for, as its maker called it.")
    merchant: Merchant | None = reference(
        Merchant | None,
        MERCHANTS,
        "merchant_id",
        description="For whom it works; null: for all of them, as the platform's own.",
    )
    permissions: list[Permission] = computed(
        list[Permission],
        lambda row: [Permission(each) for each in row["permissions"]],
        description="What it may do at most. What its maker is not permitted any more, it is not"
        " either, as long as that is so.",
    )
    created_by: str = computed(
        str,
        lambda row: f"{row['first_name']} {row['last_name']}".strip(),
        description="The name of who made it; perhaps empty.",
    )
    created_at: DateTime = column(DateTime, description="When it was made.")
    expires_at: DateTime | None = column(
        DateTime | None, description="From when on it is refused; null: never."
    )
    last_used_at: DateTime | None = column(
        DateTime | None,
        description="When it was used last, at most a minute behind; null: not yet.",
    )
    revoked_at: DateTime | None = column(
        DateTime | None, description="Since when it is refused for good; null: it was not revoked."
    )


AppTokenConnection = connection(AppToken)


@strawberry.type
class AppTokenQuery:
    @root(
        AppTokenConnection,
        auth=staff(KEEPERS),
        description="The app tokens of the merchants whose settings the caller manages, newest"
        " first; for the platform's own staff also those that work for all merchants.",
    )
    async def app_tokens(
        ctx: RequestContext,
        merchant_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this merchant.")
        ] = None,
        is_open: Annotated[
            bool,
            strawberry.argument(
                description="Only those that still let a program in: neither revoked nor expired."
            ),
        ] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        asked = window(first, after, last, before)
        where: dict[str, Any] = {"open": True} if is_open else {}
        if merchant_id is not None:
            where["merchants"] = [found] if (found := inside("Merchant", merchant_id)) else []
        return await page(ctx, Ask(resolve.APP_TOKENS, asked, "NEWEST", where=where))


@strawberry.input(description="A token for a program.")
class AppTokenCreateInput:
    name: str = strawberry.field(description="What it is for: 1 to 100 characters.")
    permissions: list[Permission] = strawberry.field(
        description="What the program may do: at least one, and nothing that you may not do there."
    )
    merchant_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="For whom it works. Null is for the platform's own staff: for all merchants.",
    )
    expires_at: DateTime | None = strawberry.field(
        default=None,
        description="From when on it is refused: in the future, at most five years from now."
        " Null: it has no end, and must be revoked.",
    )


@strawberry.type(description="The new token, or why there is none.")
class AppTokenCreatePayload(Payload):
    app_token: AppToken | None = relation(
        AppToken | None, APP_TOKENS, "app_token_id", description="What was made."
    )
    token: str | None = column(
        str | None,
        description="What the program sends, shown only now: keep it as one keeps a password.",
    )


@strawberry.input(description="A token that shall let nobody in any more.")
class AppTokenRevokeInput:
    app_token_id: strawberry.ID = strawberry.field(description="The token.")


@strawberry.type(description="The token that was revoked, or why it was not.")
class AppTokenRevokePayload(Payload):
    app_token: AppToken | None = relation(
        AppToken | None, APP_TOKENS, "app_token_id", description="The token as it is now."
    )


@strawberry.type
class AppTokenMutation:
    @mutation(
        AppTokenCreatePayload,
        auth=ACCOUNT,
        description="Makes a token for a program, which needs MANAGE_SETTINGS of the merchant. It"
        " never may do more than its maker may at the moment it is used: make it as an account"
        " that stays. At most 100 of a merchant are open at a time.",
        refusals=[InvalidInput, NotFound, PermissionMissing, TooMany],
    )
    async def app_token_create(ctx: RequestContext, input: AppTokenCreateInput) -> Any:
        return await resolve.app_token_create(
            ctx,
            name=input.name,
            permissions=input.permissions,
            merchant_id=optional("Merchant", input.merchant_id, "merchantId"),
            expires_at=input.expires_at,
        )

    @mutation(
        AppTokenRevokePayload,
        auth=ACCOUNT,
        description="Ends a token at once, everywhere within a second; again is no change. Needs"
        " MANAGE_SETTINGS of its merchant.",
        refusals=[NotFound],
    )
    async def app_token_revoke(ctx: RequestContext, input: AppTokenRevokeInput) -> Any:
        return await resolve.app_token_revoke(
            ctx, app_token_id=required("AppToken", input.app_token_id, "appTokenId")
        )
