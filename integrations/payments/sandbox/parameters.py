"""Reading parameters: each endpoint declares its own, everything else is refused by name."""

from collections.abc import Callable, Mapping
from typing import Any

from integrations.payments.sandbox.errors import ApiError, missing_parameter, unknown_parameter
from integrations.payments.sandbox.form import Form

Reader = Callable[[Any, str], Any]
Readers = Mapping[str, Reader]

MAXIMUM_AMOUNT = 99_999_999
MAXIMUM_LIMIT = 100
METADATA_KEYS, METADATA_NAME, METADATA_VALUE = 50, 40, 500

_ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE_DECIMAL = "bhd jod kwd omr tnd"
_WHOLE_HUNDREDS = "isk ugx"
_TWO_DECIMAL = (
    "aed amd ars aud bgn bob brl cad chf cny cop crc czk dkk dop egp eur gbp gel ghs gtq hkd huf "
    "idr ils inr kes kzt mad mdl mxn myr ngn nok nzd pen php pkr pln qar ron rsd sar sek sgd thb "
    "try twd tzs uah usd uyu uzs zar"
)
CURRENCIES = frozenset(f"{_ZERO_DECIMAL} {_THREE_DECIMAL} {_WHOLE_HUNDREDS} {_TWO_DECIMAL}".split())
_STEPS = {
    **dict.fromkeys(_THREE_DECIMAL.split(), 10),
    **dict.fromkeys(_WHOLE_HUNDREDS.split(), 100),
}
_MINIMUM = 50
_MINIMUMS = {
    "aed": 200, "bgn": 100, "czk": 1_500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17_500,
    "mxn": 1_000, "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1_000,
}  # fmt: skip


def read(form: Form, readers: Readers, *, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The declared parameters that were sent, converted.

    Raises: ApiError for an unknown, missing, empty or malformed one.
    """
    for name in form:
        if name not in readers:
            raise unknown_parameter(name)
    for name in required:
        if name not in form:
            raise missing_parameter(name)
    return {name: readers[name](value, name) for name, value in form.items()}


def text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ApiError(f"Invalid string: {name}", param=name)
    if not value:
        raise ApiError(f"{name} must not be empty.", code="parameter_invalid_empty", param=name)
    return value


def integer(value: Any, name: str) -> int:
    """Digits only; a fraction is no number of minor units."""
    given = text(value, name)
    if not (given.removeprefix("-").isascii() and given.removeprefix("-").isdigit()):
        raise ApiError(f"Invalid integer: {given}", code="parameter_invalid_integer", param=name)
    return int(given[:20])


def positive(value: Any, name: str) -> int:
    number = integer(value, name)
    if number < 1:
        raise ApiError(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=name,
        )
    return number


def limit(value: Any, name: str) -> int:
    number = positive(value, name)
    if number > MAXIMUM_LIMIT:
        raise ApiError(
            f"This value must be less than or equal to {MAXIMUM_LIMIT}.",
            code="parameter_invalid_integer",
            param=name,
        )
    return number


def boolean(value: Any, name: str) -> bool:
    given = text(value, name)
    if given not in {"true", "false"}:
        raise ApiError(f"Invalid boolean: {given}", param=name)
    return given == "true"


def currency(value: Any, name: str) -> str:
    given = text(value, name).lower()
    if given not in CURRENCIES:
        raise ApiError(f"Invalid currency: {given}", param=name)
    return given


def one_of(*allowed: str) -> Reader:
    def reader(value: Any, name: str) -> str:
        given = text(value, name)
        if given not in allowed:
            raise ApiError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
        return given

    return reader


def texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise ApiError(f"Invalid array: {name}", param=name)
    return [text(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]


def group(readers: Readers) -> Reader:
    """Parameters below a name, `automatic_payment_methods[enabled]`."""

    def reader(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ApiError(f"Invalid object: {name}", param=name)
        inner = {f"{name}[{key}]": each for key, each in value.items()}
        found = read(inner, {f"{name}[{key}]": each for key, each in readers.items()})
        return {key: found[f"{name}[{key}]"] for key in value}

    return reader


def metadata(value: Any, name: str) -> dict[str, str]:
    """An empty value stands for "take this key away"."""
    if not isinstance(value, dict) or len(value) > METADATA_KEYS:
        raise ApiError(f"Invalid hash of at most {METADATA_KEYS} keys: {name}", param=name)
    for key, each in value.items():
        if len(key) > METADATA_NAME or not isinstance(each, str) or len(each) > METADATA_VALUE:
            raise ApiError(f"Metadata that is too long: {key[:METADATA_NAME]}", param=name)
    return {key: each for key, each in value.items() if each}


def check_amount(amount: int, currency_code: str) -> None:
    """The amounts that Stripe would take: not too small, not too large, in whole steps."""
    step = _STEPS.get(currency_code, 1)
    if amount < _MINIMUMS.get(currency_code, _MINIMUM):
        raise ApiError(
            f"Amount is below the minimum that can be charged in {currency_code}.",
            code="amount_too_small",
            param="amount",
        )
    if amount > MAXIMUM_AMOUNT:
        raise ApiError(
            f"Amount must be no more than {MAXIMUM_AMOUNT}.",
            code="amount_too_large",
            param="amount",
        )
    if amount % step:
        raise ApiError(f"Amounts in {currency_code} are multiples of {step}.", param="amount")


def shown(amount: int, currency_code: str) -> str:
    """`1999, usd -> "19.99 USD"`, for people."""
    name = currency_code.upper()
    if currency_code in _ZERO_DECIMAL.split():
        return f"{amount} {name}"
    digits = 3 if currency_code in _THREE_DECIMAL.split() else 2
    whole, rest = divmod(amount, 10**digits)
    return f"{whole}.{rest:0{digits}d} {name}"
