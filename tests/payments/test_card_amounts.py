"""Amounts at Stripe's edge: never times a hundred blindly."""

import pytest

from integrations.payments.card_amounts import from_stripe, to_stripe
from services.payments.ports import OutcomeUnknown, ProviderRejected


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("USD", 1_999, 1_999),
        ("CNY", 1_999, 1_999),
        ("JPY", 500, 500),
        ("KRW", 500, 500),
        ("ISK", 700, 70_000),
        ("UGX", 700, 70_000),
        ("MGA", 70_000, 700),
        ("KWD", 12_340, 12_340),
    ],
)
def test_an_amount_goes_out_and_comes_back(currency: str, ours: int, theirs: int) -> None:
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


@pytest.mark.parametrize(("currency", "amount"), [("KWD", 12_345), ("MGA", 70_050)])
def test_an_amount_that_cannot_be_paid_is_rejected(currency: str, amount: int) -> None:
    with pytest.raises(ProviderRejected) as rejected:
        to_stripe(amount, currency)

    assert (rejected.value.code, rejected.value.parameter) == ("amount_not_payable", "amount")


def test_a_fraction_of_a_krona_is_not_rounded_away() -> None:
    with pytest.raises(OutcomeUnknown):
        from_stripe(70_050, "ISK")
