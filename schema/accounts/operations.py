"""`me`, and the mutations of accounts."""

from typing import Any

import strawberry

from core.errors import InvalidInput
from engine.declare import root
from resolvers import accounts as resolve
from resolvers.context import RequestContext
from schema.access import ACCOUNT, ANYONE, SIGNED_IN
from schema.accounts import errors, inputs, payloads
from schema.accounts.address import address_values
from schema.accounts.user import User
from schema.errors import mutation
from schema.ids import optional, required


@strawberry.type
class AccountsQuery:
    @root(
        User | None,
        auth=ANYONE,
        description="Who asks; null for anonymous callers and guests.",
    )
    async def me(ctx: RequestContext) -> Any:
        return await resolve.me(ctx)


@strawberry.type
class AccountsMutation:
    @mutation(
        payloads.AccountRegisterPayload,
        auth=ANYONE,
        description=(
            "Asks for an account: a letter with a link goes to the address, and `accountConfirm`"
            " opens the account. Before that there is none. The answer and its time are the same"
            " when the address has an account already: only the letter tells. Sent again, it brings"
            " a fresh letter. Braked: five tries an hour for one address, then `THROTTLED`."
        ),
        refusals=errors.REGISTER,
    )
    async def account_register(ctx: RequestContext, input: inputs.AccountRegisterInput) -> Any:
        profile = {
            "first_name": input.first_name,
            "last_name": input.last_name,
            "phone": input.phone,
            "language": input.language,
        }
        return await resolve.register(
            ctx, email=input.email, password=input.password, profile=profile
        )

    @mutation(
        payloads.AccountConfirmPayload,
        auth=ANYONE,
        description=(
            "Opens the account that was asked for, its address confirmed, and signs in to it. Sent"
            " with a guest's token, the guest's cart and orders come along and that token ends."
            " Five wrong passwords make the link worthless."
        ),
        refusals=errors.CONFIRM,
    )
    async def account_confirm(ctx: RequestContext, input: inputs.AccountConfirmInput) -> Any:
        return await resolve.confirm(ctx, token=input.token, password=input.password)

    @mutation(
        payloads.AccountUpdatePayload,
        auth=SIGNED_IN,
        description="Changes the caller's own account.",
        refusals=errors.UPDATE,
    )
    async def account_update(ctx: RequestContext, input: inputs.AccountUpdateInput) -> Any:
        texts = {
            "first_name": input.first_name,
            "last_name": input.last_name,
            "phone": input.phone,
            "language": input.language,
        }
        changes = {name: text for name, text in texts.items() if text is not None}
        return await resolve.update(ctx, changes=changes, expected_version=input.expected_version)

    @mutation(
        payloads.AddressUpsertPayload,
        auth=SIGNED_IN,
        description="Adds an address to the caller's book, or replaces one.",
        refusals=errors.ADDRESS,
    )
    async def address_upsert(ctx: RequestContext, input: inputs.AddressUpsertInput) -> Any:
        flags = {
            "is_default_shipping": input.is_default_shipping,
            "is_default_billing": input.is_default_billing,
        }
        return await resolve.address_upsert(
            ctx,
            address_id=optional("Address", input.id, "id"),
            address=address_values(input.address),
            defaults={name: flag for name, flag in flags.items() if flag is not None},
        )

    @mutation(
        payloads.AddressDeletePayload,
        auth=SIGNED_IN,
        description="Takes an address out of the caller's book. Orders keep their copies.",
        refusals=errors.ADDRESS,
    )
    async def address_delete(ctx: RequestContext, input: inputs.AddressDeleteInput) -> Any:
        return await resolve.address_delete(ctx, address_id=required("Address", input.id, "id"))

    @mutation(
        payloads.TokenCreatePayload,
        auth=ANYONE,
        description=(
            "Signs in. Sent with a guest's token, the guest's cart and orders come along and that"
            " token ends."
        ),
        refusals=errors.SIGN_IN,
    )
    async def token_create(ctx: RequestContext, input: inputs.TokenCreateInput) -> Any:
        return await resolve.token_create(ctx, email=input.email, password=input.password)

    @mutation(
        payloads.TokenRefreshPayload,
        auth=ANYONE,
        description=(
            "The next tokens of a sign-in; send it without `Authorization`. Of several requests"
            " with the same refresh token one gets tokens."
        ),
        refusals=errors.REFRESH,
    )
    async def token_refresh(ctx: RequestContext, input: inputs.TokenRefreshInput) -> Any:
        return await resolve.token_refresh(ctx, refresh_token=input.refresh_token)

    @mutation(
        payloads.TokenRevokePayload,
        auth=ACCOUNT,
        description=(
            "Signs out: ends this sign-in, one of the caller's others, or all. Their tokens are"
            " refused from then on, a second later at the latest."
        ),
        refusals=errors.REVOKE,
    )
    async def token_revoke(ctx: RequestContext, input: inputs.TokenRevokeInput) -> Any:
        if input.all and input.session_id is not None:
            raise InvalidInput(problem="Either one or all.", path=("sessionId",))
        session_id = optional("Session", input.session_id, "sessionId")
        return await resolve.token_revoke(ctx, session_id=session_id, is_all=input.all)
