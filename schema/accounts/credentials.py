"""Mutations of passwords and e-mail addresses, and what they take and answer."""

from typing import Any, Final

import strawberry

from resolvers import credentials as resolve
from resolvers.context import RequestContext
from resolvers.loaders.accounts import USERS
from schema.access import ACCOUNT, ANYONE
from schema.accounts import errors
from schema.accounts.inputs import PasswordChangeInput, without_values
from schema.accounts.payloads import PasswordChangePayload
from schema.accounts.user import User
from schema.errors import Payload, mutation
from schema.fields import relation

_LETTER: Final = (
    " The answer and its time are the same whether or not there is an account: only the letter"
    " tells. Braked: five an hour for one address, then `THROTTLED`."
)
_TOKEN: Final = "What the link of the letter has as `token`; it is good once."  # noqa: S105 - no secret


@strawberry.input(description="What the link in a letter proves.")
class LinkInput:
    token: str = strawberry.field(description=_TOKEN)

    __repr__ = without_values


@strawberry.input(description="Who has forgotten a password.")
class PasswordResetRequestInput:
    email: str = strawberry.field(description="The e-mail address they sign in with.")


@strawberry.input(description="A new password instead of a forgotten one.")
class PasswordResetInput:
    token: str = strawberry.field(description=_TOKEN)
    new_password: str = strawberry.field(
        description="8 to 256 characters, hard to guess, and not the e-mail address."
    )

    __repr__ = without_values


@strawberry.input(description="Another e-mail address for the caller.")
class EmailChangeRequestInput:
    email: str = strawberry.field(
        description="The new address, at most 254 characters; its letter has a link to confirm it."
    )
    password: str | None = strawberry.field(
        default=None,
        description="The caller's password; null: they have signed in within the last 15 minutes.",
    )

    __repr__ = without_values


@strawberry.input(description="What moves the account to its new address.")
class EmailChangeConfirmInput:
    token: str = strawberry.field(
        description=_TOKEN + " Five passwords are looked at with it, and no more."
    )
    password: str | None = strawberry.field(
        default=None,
        description=(
            "The account's password. Null: the account is the caller's, signed in with us; that is"
            " the only way for an account without a password."
        ),
    )

    __repr__ = without_values


@strawberry.type(description="That a letter is on its way, or why none is.")
class EmailVerificationRequestPayload(Payload):
    user: User | None = relation(
        User | None, USERS, "user_id", description="The caller; null when refused."
    )


@strawberry.type(description="Whether the address is confirmed.")
class EmailVerificationConfirmPayload(Payload):
    user: User | None = relation(
        User | None,
        USERS,
        "user_id",
        description="Whose address it is; null unless that is the caller, and when refused.",
    )


@strawberry.type(description="Nothing is told but what was wrong with the input.")
class PasswordResetRequestPayload(Payload):
    pass


@strawberry.type(description="Whether the account has the new password.")
class PasswordResetPayload(Payload):
    pass


@strawberry.type(description="That a letter is on its way, or why none is.")
class EmailChangeRequestPayload(Payload):
    user: User | None = relation(
        User | None,
        USERS,
        "user_id",
        description="The caller, still with the old address; null when refused.",
    )


@strawberry.type(description="Whether the account has the other address.")
class EmailChangeConfirmPayload(Payload):
    pass


@strawberry.type(description="Whether the account has its old address again.")
class EmailChangeUndoPayload(Payload):
    pass


@strawberry.type
class CredentialsMutation:
    @mutation(
        EmailVerificationRequestPayload,
        auth=ACCOUNT,
        description=(
            "Sends the caller another link to confirm their e-mail address; none when it is"
            " confirmed. Braked: ten an hour, then `THROTTLED`."
        ),
    )
    async def email_verification_request(ctx: RequestContext) -> Any:
        return await resolve.verification_request(ctx)

    @mutation(
        EmailVerificationConfirmPayload,
        auth=ANYONE,
        description="Confirms that an address is its user's, by the link that was sent to it.",
        refusals=errors.LINK,
    )
    async def email_verification_confirm(ctx: RequestContext, input: LinkInput) -> Any:
        return await resolve.confirm(ctx, token=input.token)

    @mutation(
        PasswordResetRequestPayload,
        auth=ANYONE,
        description="Sends a link to a new password, good for 30 minutes." + _LETTER,
        refusals=errors.RESET_REQUEST,
    )
    async def password_reset_request(ctx: RequestContext, input: PasswordResetRequestInput) -> Any:
        return await resolve.reset_request(ctx, email=input.email)

    @mutation(
        PasswordResetPayload,
        auth=ANYONE,
        description=(
            "Sets a new password by the link of a letter, ends every sign-in of the account, and"
            " confirms its address. It signs nobody in: a second factor is still asked for then."
            " If the address was not confirmed before, passkeys, one-time codes and linked accounts"
            " go: somebody else may have added them."
        ),
        refusals=errors.RESET,
    )
    async def password_reset(ctx: RequestContext, input: PasswordResetInput) -> Any:
        return await resolve.reset(ctx, token=input.token, new_password=input.new_password)

    @mutation(
        PasswordChangePayload,
        auth=ACCOUNT,
        description=(
            "Changes the caller's password, ends their other sign-ins, and tells them by a letter."
        ),
        refusals=errors.PASSWORD,
    )
    async def password_change(ctx: RequestContext, input: PasswordChangeInput) -> Any:
        return await resolve.password_change(
            ctx, current_password=input.current_password, new_password=input.new_password
        )

    @mutation(
        EmailChangeRequestPayload,
        auth=ACCOUNT,
        description=(
            "Sends a link to a new e-mail address, good for 24 hours; nothing changes before it is"
            " followed and `emailChangeConfirm` called. The answer is the same whether or not that"
            " address has an account."
        ),
        refusals=errors.NEW_EMAIL,
    )
    async def email_change_request(ctx: RequestContext, input: EmailChangeRequestInput) -> Any:
        return await resolve.email_change_request(ctx, email=input.email, password=input.password)

    @mutation(
        EmailChangeConfirmPayload,
        auth=ANYONE,
        description=(
            "Uses the new e-mail address from now on. The link alone is not enough, for the letter"
            " may have gone to a stranger: the caller is signed in to the account, not by a token"
            " given to another program, or tells its password; `WrongPassword` otherwise. Every"
            " sign-in of the account ends, and the old address is told; if it was confirmed, with a"
            " link to undo it within 3 days."
        ),
        refusals=errors.CONFIRM,
    )
    async def email_change_confirm(ctx: RequestContext, input: EmailChangeConfirmInput) -> Any:
        return await resolve.email_change_confirm(ctx, token=input.token, password=input.password)

    @mutation(
        EmailChangeUndoPayload,
        auth=ANYONE,
        description=(
            "Gives an account its old e-mail address back. Every sign-in ends, the password opens"
            " it no more, and a link to a new one is sent to the address. Passkeys, one-time codes"
            " and linked accounts go that were added since a day before the change."
        ),
        refusals=errors.UNDO_EMAIL,
    )
    async def email_change_undo(ctx: RequestContext, input: LinkInput) -> Any:
        return await resolve.email_change_undo(ctx, token=input.token)
