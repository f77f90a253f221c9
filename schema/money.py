"""Money on the wire."""

from collections.abc import Sequence
from itertools import starmap
from typing import Any

import strawberry

from core.db import Row
from core.errors import InvalidInput
from core.money import amount_text, parse_amount
from engine.declare import batched, column
from resolvers.context import RequestContext
from schema.scalars import BigInt, CurrencyCode, DecimalText


@strawberry.type(description="An amount in a currency. Exact: never a float.")
class Money:  # rows: (minor units, currency)
    @batched(DecimalText, description="The amount in whole units with its decimals: `19.99`.")
    def amount(ctx: RequestContext, amounts: Sequence[tuple[int, str]]) -> list[str]:
        return [*starmap(amount_text, amounts)]

    currency: CurrencyCode = column(
        CurrencyCode, 1, description="The currency, as ISO 4217 writes it."
    )
    minor_units: BigInt = column(
        BigInt, 0, description="The amount in the smallest unit: cents, yen, fen."
    )


def money(key: str, *, description: str) -> Any:
    """A field of Money: the row's column of minor units with the row's `currency`."""

    @batched(Money, description=description)
    def amounts(ctx: RequestContext, parents: Sequence[Row]) -> list[Any]:
        return [(parent[key], parent["currency"]) for parent in parents]

    return amounts


def optional_money(key: str, *, description: str) -> Any:
    """The same, null where the column is."""

    @batched(Money | None, description=description)
    def amounts(ctx: RequestContext, parents: Sequence[Row]) -> list[Any]:
        return [
            None if parent[key] is None else (parent[key], parent["currency"]) for parent in parents
        ]

    return amounts


@strawberry.input(description="An amount of money that a client sends.")
class MoneyInput:
    amount: DecimalText = strawberry.field(description="Whole units with decimals: `19.99`.")
    currency: CurrencyCode = strawberry.field(description="The currency: `USD`.")


def minor_of(value: MoneyInput, *path: str) -> int:
    """Minor units of an input.

    Raises: InvalidInput for a negative amount, too many decimals or more than 64 bits.
    """
    try:
        minor = parse_amount(value.amount, value.currency)
    except ValueError as error:
        raise InvalidInput(problem=f"The amount is {error}.", path=(*path, "amount")) from None
    if minor < 0:
        raise InvalidInput(problem="The amount must not be negative.", path=(*path, "amount"))
    return minor
