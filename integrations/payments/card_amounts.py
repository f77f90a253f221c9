"""Amounts as Stripe counts them: ISO's minor units, but for a few currencies.

Source: Stripe, "Supported currencies" (zero-decimal, three-decimal and special cases).
"""

from typing import Final

from services.payments import OutcomeUnknown, ProviderRejected

# ISO gives these no minor unit, Stripe takes hundredths and wants them whole.
_IN_HUNDREDTHS: Final = frozenset({"ISK", "UGX"})
# ISO gives this one hundredths, Stripe takes whole units.
_IN_WHOLE_UNITS: Final = frozenset({"MGA"})
# Stripe takes thousandths, and wants the last digit to be zero.
_IN_TENS: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


def to_stripe(amount_minor: int, currency: str) -> int:
    """Raises: ProviderRejected for an amount that Stripe has no way to write."""
    if currency in _IN_HUNDREDTHS:
        return amount_minor * 100
    step = 100 if currency in _IN_WHOLE_UNITS else 10 if currency in _IN_TENS else 1
    if amount_minor % step:
        raise ProviderRejected(
            f"Amounts in {currency} must be multiples of {step} minor units.",
            code="amount_not_payable",
            parameter="amount",
        )
    return amount_minor // step if currency in _IN_WHOLE_UNITS else amount_minor


def from_stripe(amount: int, currency: str) -> int:
    """Raises: OutcomeUnknown for an amount that our minor units cannot hold."""
    if currency in _IN_WHOLE_UNITS:
        return amount * 100
    if currency not in _IN_HUNDREDTHS:
        return amount
    whole, rest = divmod(amount, 100)
    if rest:
        raise OutcomeUnknown(f"Stripe holds a fraction of {currency}, which has none.")
    return whole
