"""Money: 64-bit integers of minor units with an ISO 4217 currency; never a float."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

MAX_MINOR = 2**63 - 1

# Currencies whose minor unit is not a hundredth. Source: ISO 4217, list one.
# Source: ISO 4217, list one, without funds, metals and codes for testing.
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK
LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN
SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF
YER ZAR ZMW ZWG
"""
CURRENCIES: Final = frozenset(_CODES.split())
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = {
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
}


@dataclass(frozen=True, slots=True)
class Money:
    amount_minor: int
    currency: str


def exponent(currency: str) -> int:
    return _EXPONENTS.get(currency, 2)


def amount_text(minor: int, currency: str) -> str:
    """`1999, USD -> "19.99"`; `500, JPY -> "500"`."""
    return text_of((minor, currency))


@lru_cache(65536)
def text_of(amount: tuple[int, str]) -> str:
    """The same, of a row as `schema.money` has it; lists have hundreds of them."""
    minor, currency = amount
    digits = exponent(currency)
    if not digits:
        return str(minor)
    whole, rest = divmod(abs(minor), 10**digits)
    return f"{'-' if minor < 0 else ''}{whole}.{rest:0{digits}d}"


def parse_amount(text: str | Decimal, currency: str) -> int:
    """Minor units of a decimal text.

    Raises: ValueError for what is no number, has too many decimals, or needs more than 64 bits.
    """
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a decimal number") from None
    if not amount.is_finite() or abs(amount) > MAX_MINOR:
        raise ValueError("not a finite amount of money")
    minor = amount.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{currency} has {exponent(currency)} decimals")
    if abs(minor) > MAX_MINOR:
        raise ValueError("more than 64 bits of minor units")
    return int(minor)


def share(amount_minor: int, numerator: int, denominator: int) -> int:
    """`amount * numerator / denominator`, rounded half to even: the rule of every line."""
    value = Decimal(amount_minor) * numerator / denominator
    return int(value.to_integral_value(ROUND_HALF_EVEN))


def split(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Split a total by weights so that the parts add up to it: largest remainder, first on a tie.

    Raises: ValueError unless all weights are >= 0 and one is positive.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be >= 0 and not all zero")
    parts = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda n: (-(total_minor * weights[n] % whole), n)
    )
    for position in by_remainder[: total_minor - sum(parts)]:
        parts[position] += 1
    return parts
