"""Money on the wire."""

from typing import Any

import strawberry

from core.errors import InvalidInput
from core.money import parse_amount, text_of
from engine.declare import ROW, column
from schema.scalars import BigInt, CurrencyCode, DecimalText


@strawberry.type(description="An amount in a currency. Exact: never a float.")
class Money:  # rows: (minor units, currency)
    amount: DecimalText = column(
        DecimalText,
        ROW,
        convert=text_of,
        description="The amount in whole units with its decimals: `19.99`.",
    )
    currency: CurrencyCode = column(
        CurrencyCode, 1, description="The currency, as ISO 4217 writes it."
    )
    minor_units: BigInt = column(
        BigInt, 0, description="The amount in the smallest unit: cents, yen, fen."
    )


def money(key: str, *, description: str) -> Any:
    """A field of Money: the row's column of minor units with the row's `currency`."""
    return column(Money, (key, "currency"), description=description)


def optional_money(key: str, *, description: str) -> Any:
    """The same, null where the column is."""
    return column(Money | None, (key, "currency"), description=description)


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
