"""`@inContext(language:, country:, currency:)` on an operation: what it does to its context."""

from collections.abc import Mapping
from typing import Any, Final

from resolvers.context import RequestContext
from schema.scalars import CountryCode, CurrencyCode, LanguageCode

IN_CONTEXT_ARGUMENTS: Final[Mapping[str, Any]] = {
    "language": LanguageCode,
    "country": CountryCode,
    "currency": CurrencyCode,
}


def apply_context(ctx: RequestContext, values: Mapping[str, Any]) -> None:
    """Answer in another language or currency than the caller's headers ask for."""
    ctx.language = values.get("language") or ctx.language
    ctx.country = values.get("country") or ctx.country
    ctx.currency = values.get("currency") or ctx.currency
