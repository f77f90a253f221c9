"""The mutations of second factors and passkeys."""

from collections.abc import Mapping
from typing import Any

import strawberry

from core.errors import InvalidInput
from resolvers import factors as resolve
from resolvers.context import RequestContext
from schema.access import ACCOUNT, ANYONE
from schema.errors import mutation
from schema.factors import errors, inputs, payloads
from schema.ids import required

_RECENT = " Right after signing in only: within 15 minutes."


@strawberry.type
class FactorsMutation:
    @mutation(
        payloads.TokenCreateCompletePayload,
        auth=ANYONE,
        description=(
            "The second half of a sign-in that was answered with `SecondFactorRequired`. Sent with"
            " a guest's token, the guest's cart and orders come along and that token ends."
        ),
        refusals=errors.SECOND_HALF,
    )
    async def token_create_complete(
        ctx: RequestContext, input: inputs.TokenCreateCompleteInput
    ) -> Any:
        passkey = None if input.passkey is None else _object(input.passkey, "passkey")
        return await resolve.token_create_complete(
            ctx,
            ticket=input.ticket,
            code=input.code,
            recovery_code=input.recovery_code,
            passkey=passkey,
        )

    @mutation(
        payloads.TotpSetupPayload,
        auth=ACCOUNT,
        description=(
            "Begins to set up one-time codes (RFC 6238: six digits, 30 seconds, SHA-1) on a device;"
            " `totpConfirm` within 15 minutes turns them on. What was begun before is forgotten."
            + _RECENT
        ),
        refusals=errors.TOTP_SETUP,
    )
    async def totp_setup(ctx: RequestContext) -> Any:
        return await resolve.totp_setup(ctx)

    @mutation(
        payloads.TotpConfirmPayload,
        auth=ACCOUNT,
        description=(
            "Turns one-time codes on: from now on `tokenCreate` and sign-ins with providers ask for"
            " a second factor. A passkey alone goes on to be enough."
        ),
        refusals=errors.TOTP_CONFIRM,
    )
    async def totp_confirm(ctx: RequestContext, input: inputs.TotpConfirmInput) -> Any:
        return await resolve.totp_confirm(ctx, code=input.code)

    @mutation(
        payloads.TotpRemovePayload,
        auth=ACCOUNT,
        description="Turns one-time codes off; the recovery codes are worthless then." + _RECENT,
        refusals=errors.TOTP_CHANGE,
    )
    async def totp_remove(ctx: RequestContext) -> Any:
        return await resolve.totp_remove(ctx)

    @mutation(
        payloads.RecoveryCodesRenewPayload,
        auth=ACCOUNT,
        description="Ten new recovery codes; the old ones are worthless then." + _RECENT,
        refusals=errors.TOTP_CHANGE,
    )
    async def recovery_codes_renew(ctx: RequestContext) -> Any:
        return await resolve.recovery_codes_renew(ctx)

    @mutation(
        payloads.PasskeyRegistrationStartPayload,
        auth=ACCOUNT,
        description="Begins to register a passkey; an account has at most 20." + _RECENT,
        refusals=errors.PASSKEY_BEGIN,
    )
    async def passkey_registration_start(ctx: RequestContext) -> Any:
        return await resolve.passkey_registration_start(ctx)

    @mutation(
        payloads.PasskeyRegisterPayload,
        auth=ACCOUNT,
        description="Keeps the passkey that the browser made.",
        refusals=errors.PASSKEY_ADD,
    )
    async def passkey_register(ctx: RequestContext, input: inputs.PasskeyRegisterInput) -> Any:
        credential = _object(input.credential, "credential")
        return await resolve.passkey_register(ctx, credential=credential, name=input.name)

    @mutation(
        payloads.PasskeyRenamePayload,
        auth=ACCOUNT,
        description="Calls a passkey of the caller something else.",
        refusals=errors.RENAME,
    )
    async def passkey_rename(ctx: RequestContext, input: inputs.PasskeyRenameInput) -> Any:
        passkey_id = required("Passkey", input.id, "id")
        return await resolve.passkey_rename(ctx, passkey_id=passkey_id, name=input.name)

    @mutation(
        payloads.PasskeyRemovePayload,
        auth=ACCOUNT,
        description="Removes a passkey of the caller; not the last way to sign in." + _RECENT,
        refusals=errors.REMOVE,
    )
    async def passkey_remove(ctx: RequestContext, input: inputs.PasskeyRemoveInput) -> Any:
        return await resolve.passkey_remove(ctx, passkey_id=required("Passkey", input.id, "id"))

    @mutation(
        payloads.PasskeySignInStartPayload,
        auth=ANYONE,
        description="Begins a sign-in with a passkey, alone or as the second factor.",
        refusals=errors.PASSKEY_REQUEST,
    )
    async def passkey_sign_in_start(
        ctx: RequestContext, input: inputs.PasskeySignInStartInput
    ) -> Any:
        return await resolve.passkey_sign_in_start(ctx, ticket=input.ticket)

    @mutation(
        payloads.PasskeySignInPayload,
        auth=ANYONE,
        description=(
            "Signs in with a passkey, which is a password and a second factor in one. Sent with a"
            " guest's token, the guest's cart and orders come along and that token ends."
        ),
        refusals=errors.PASSKEY_SIGN_IN,
    )
    async def passkey_sign_in(ctx: RequestContext, input: inputs.PasskeySignInInput) -> Any:
        return await resolve.passkey_sign_in(
            ctx, credential=_object(input.credential, "credential")
        )


def _object(value: object, path: str) -> Mapping[str, Any]:
    """Raises: InvalidInput for JSON of another shape."""
    if not isinstance(value, dict):
        raise InvalidInput(problem="It must be a JSON object.", path=(path,))
    return value
