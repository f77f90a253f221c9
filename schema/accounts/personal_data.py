"""Mutations of personal data, and what they take and answer."""

from typing import Any, Final

import strawberry

from engine.declare import column
from resolvers import personal_data as resolve
from resolvers.context import RequestContext
from schema.access import ACCOUNT
from schema.accounts import errors
from schema.accounts.inputs import without_values
from schema.errors import Payload, mutation
from schema.scalars import DateTime

_PASSWORD: Final = "The caller's password; null: they have signed in within the last 15 minutes."  # noqa: S105 - a description


@strawberry.input(description="Who asks for a copy of their data.")
class PersonalDataExportInput:
    password: str | None = strawberry.field(default=None, description=_PASSWORD)

    __repr__ = without_values


@strawberry.input(description="Who wants their account to be deleted.")
class AccountDeleteInput:
    password: str | None = strawberry.field(default=None, description=_PASSWORD)

    __repr__ = without_values


@strawberry.type(description="Where the copy is, or why there is none.")
class PersonalDataExportPayload(Payload):
    url: str | None = column(
        str | None,
        description=(
            "Where to fetch it as a JSON file, without `Authorization`, while this sign-in is open;"
            " whoever has the address can. Null when refused."
        ),
    )
    expires_at: DateTime | None = column(
        DateTime | None, description="When the address ends: 10 minutes later. Null when refused."
    )


@strawberry.type(description="When the account is erased, or why it is not.")
class AccountDeletePayload(Payload):
    erase_after: DateTime | None = column(
        DateTime | None,
        description=(
            "The earliest moment; signing in before keeps the account. Orders that are under way"
            " then are finished first. Null when refused."
        ),
    )


@strawberry.type
class PersonalDataMutation:
    @mutation(
        PersonalDataExportPayload,
        auth=ACCOUNT,
        description=(
            "A copy of all that is kept about the caller: profile, addresses, sign-ins, carts,"
            " orders, payments, parcels, reviews, and the log. Braked: ten an hour."
        ),
        refusals=errors.PERSON,
    )
    async def personal_data_export(ctx: RequestContext, input: PersonalDataExportInput) -> Any:
        return await resolve.export(ctx, password=input.password)

    @mutation(
        AccountDeletePayload,
        auth=ACCOUNT,
        description=(
            "Signs out everywhere and has the account erased after a while: 14 days unless the shop"
            " says otherwise. Signing in before keeps it. Of orders stays what the law wants kept,"
            " without the person: number, date, goods, amounts, taxes, country and region."
        ),
        refusals=errors.DELETE,
    )
    async def account_delete(ctx: RequestContext, input: AccountDeleteInput) -> Any:
        return await resolve.delete(ctx, password=input.password)
