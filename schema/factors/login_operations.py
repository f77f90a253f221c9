"""`loginProviders`, and the mutations of signing in with them."""

from typing import Any

import strawberry

from engine.declare import root
from resolvers import factors as resolve
from resolvers.context import RequestContext
from resolvers.factors import Callback
from schema.access import ACCOUNT, ANYONE
from schema.errors import mutation
from schema.factors import errors, inputs, payloads
from schema.factors.types import LoginProvider
from schema.ids import required
from services.factors import Login


@strawberry.type
class LoginQuery:
    @root(
        list[LoginProvider],
        auth=ANYONE,
        description="The outside providers of this shop, in the order to show them; perhaps none.",
    )
    async def login_providers(ctx: RequestContext) -> Any:
        return resolve.login_providers(ctx)


@strawberry.type
class LoginMutation:
    @mutation(
        payloads.OauthLoginStartPayload,
        auth=ANYONE,
        description="Begins to sign in with a provider.",
        refusals=errors.LOGIN_START,
    )
    async def oauth_login_start(ctx: RequestContext, input: inputs.OauthLoginStartInput) -> Any:
        return await resolve.oauth_login_start(
            ctx, provider=input.provider, redirect_uri=input.redirect_uri
        )

    @mutation(
        payloads.OauthLoginCompletePayload,
        auth=ANYONE,
        description=(
            "Signs in as whoever came back from a provider. Who is not known yet gets an account"
            " when the provider has checked an e-mail address that nobody has here; otherwise"
            " `LinkRequired`. Sent with a guest's token, the guest's cart and orders come along and"
            " that token ends."
        ),
        refusals=errors.LOGIN,
    )
    async def oauth_login_complete(
        ctx: RequestContext, input: inputs.OauthLoginCompleteInput
    ) -> Any:
        return await resolve.oauth_login_complete(ctx, _callback(input))

    @mutation(
        payloads.IdentityLinkStartPayload,
        auth=ACCOUNT,
        description=(
            "Begins to link an account of a provider to the caller's; `identityLink` ends it."
            " Right after signing in only: within 15 minutes."
        ),
        refusals=errors.LINK_START,
    )
    async def identity_link_start(ctx: RequestContext, input: inputs.IdentityLinkStartInput) -> Any:
        return await resolve.identity_link_start(
            ctx, provider=input.provider, redirect_uri=input.redirect_uri
        )

    @mutation(
        payloads.IdentityLinkPayload,
        auth=ACCOUNT,
        description=(
            "Links an account of a provider to the caller's: from now on it signs in here. One of"
            " each provider at most. Right after signing in only: within 15 minutes."
        ),
        refusals=errors.LINK,
    )
    async def identity_link(ctx: RequestContext, input: inputs.IdentityLinkInput) -> Any:
        callback = None if input.callback is None else _callback(input.callback)
        return await resolve.identity_link(ctx, ticket=input.ticket, callback=callback)

    @mutation(
        payloads.IdentityUnlinkPayload,
        auth=ACCOUNT,
        description=(
            "Unlinks an account of a provider; not the last way to sign in. Right after signing in"
            " only: within 15 minutes."
        ),
        refusals=errors.REMOVE,
    )
    async def identity_unlink(ctx: RequestContext, input: inputs.IdentityUnlinkInput) -> Any:
        return await resolve.identity_unlink(ctx, identity_id=required("Identity", input.id, "id"))


def _callback(input: inputs.OauthCallbackInput) -> Callback:
    return Callback(Login(input.state, input.verifier), input.code, input.iss)
