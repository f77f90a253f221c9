"""Our own scalars: how they are written and what is refused when they are read."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NewType

import strawberry

from core.clock import iso
from core.money import CURRENCIES

DateTime = NewType("DateTime", datetime)
DecimalText = NewType("DecimalText", str)
BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
LanguageCode = NewType("LanguageCode", str)
JSON = NewType("JSON", object)

DECIMAL_CHARACTERS: Final = 30
_INTEGER = re.compile(r"-?\d{1,19}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("A DateTime needs a time zone, for example a final Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("A DateTime lies between the years 1 and 9999 of UTC.") from None


def _decimal(value: Any) -> str:
    text = _text(value)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("A Decimal is written like 12.50.") from None
    if not number.is_finite() or len(text) > DECIMAL_CHARACTERS:
        raise ValueError("A Decimal is a finite number of at most 30 characters.")
    return text


def _big_integer(value: Any) -> int:
    if not _INTEGER.fullmatch(_text(value)) or abs(int(value)) >= 2**63:
        raise ValueError("A BigInt is a 64-bit integer, as a JSON string.")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("It must be a string.")  # noqa: TRY004 - graphql-core shows ValueErrors
    return value


def _currency(value: Any) -> str:
    if _text(value) not in CURRENCIES:
        raise ValueError("A CurrencyCode is three capital letters of ISO 4217: USD.")
    return str(value)


def _matching(pattern: re.Pattern[str], problem: str) -> Any:
    def parse(value: Any) -> str:
        if not pattern.fullmatch(_text(value)):
            raise ValueError(problem)
        return str(value)

    return parse


SCALARS: Final[Mapping[object, Any]] = {
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 writes it, always in UTC: `2026-11-24T09:30:00.5Z`.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=iso,
        parse_value=_moment,
    ),
    DecimalText: strawberry.scalar(
        name="Decimal",
        description='An exact decimal number as a JSON string: `"12.50"`.',
        serialize=str,
        parse_value=_decimal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A 64-bit integer as a JSON string, so that no client rounds it.",
        serialize=str,
        parse_value=_big_integer,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency as ISO 4217 writes it: `USD`, `CNY`.",
        parse_value=_currency,
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="A country as ISO 3166-1 alpha-2 writes it: `DE`, `CN`.",
        parse_value=_matching(_COUNTRY, "A CountryCode is two capital letters."),
    ),
    LanguageCode: strawberry.scalar(
        name="LanguageCode",
        description="A language as BCP 47 writes it: `en`, `zh-Hans`.",
        parse_value=_matching(_LANGUAGE, "A LanguageCode is written like en or zh-Hans."),
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value; only where the shape is the writer's own.",
    ),
}
