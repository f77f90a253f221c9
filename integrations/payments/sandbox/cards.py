"""The test cards, by their `pm_card_…` tokens, and how each behaves when it is charged.

Source: Stripe's list of test cards; a token is a template, each use makes a new payment method.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


@dataclass(frozen=True)
class Decline:
    code: str
    decline_code: str | None
    message: str


class RefundFate(StrEnum):
    SUCCEEDS = "succeeds"
    PENDING_FIRST = "pending_first"
    FAILS_LATER = "fails_later"


@dataclass(frozen=True)
class TestCard:
    """authenticate: the bank asks its customer (3-D Secure) before it lets the charge through.

    dispute: the status of the dispute that the cardholder opens at once.
    """

    __test__ = False  # for pytest, which collects names that begin with Test

    last4: str
    brand: str = "visa"
    decline: Decline | None = None
    authenticate: bool = False
    blocked: bool = False
    risk: str = field(default="normal")
    refund: RefundFate = RefundFate.SUCCEEDS
    dispute: str | None = None


def _declined(decline_code: str) -> Decline:
    return Decline("card_declined", decline_code, "Your card was declined.")


_GENERIC = _declined("generic_decline")
_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
_EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
_PROCESSING = Decline(
    "processing_error", "processing_error", "An error occurred while processing your card."
)
AUTHENTICATION_REQUIRED: Final = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined: it wants its holder to authenticate.",
)

_CARDS: Final = {
    "pm_card_visa": TestCard("4242"),
    "pm_card_visa_debit": TestCard("5556"),
    "pm_card_mastercard": TestCard("4444", brand="mastercard"),
    "pm_card_amex": TestCard("0005", brand="amex"),
    "pm_card_unionpay": TestCard("0005", brand="unionpay"),
    "pm_card_chargeDeclined": TestCard("0002", decline=_GENERIC),
    "pm_card_chargeDeclinedInsufficientFunds": TestCard("9995", decline=_FUNDS),
    "pm_card_chargeDeclinedLostCard": TestCard("9987", decline=_declined("lost_card")),
    "pm_card_chargeDeclinedStolenCard": TestCard("9979", decline=_declined("stolen_card")),
    "pm_card_chargeDeclinedExpiredCard": TestCard("0069", decline=_EXPIRED),
    "pm_card_chargeDeclinedIncorrectCvc": TestCard("0127", decline=_CVC),
    "pm_card_chargeDeclinedProcessingError": TestCard("0119", decline=_PROCESSING),
    "pm_card_chargeDeclinedFraudulent": TestCard("0019", decline=_declined("fraudulent")),
    "pm_card_chargeCustomerFail": TestCard("0341", decline=_GENERIC),
    "pm_card_threeDSecure2Required": TestCard("3220", authenticate=True),
    "pm_card_threeDSecureRequiredChargeDeclined": TestCard(
        "1629", authenticate=True, decline=_GENERIC
    ),
    "pm_card_authenticationRequired": TestCard("3184", authenticate=True),
    "pm_card_authenticationRequiredOnSetup": TestCard("3155", authenticate=True),
    "pm_card_createDispute": TestCard("0259", dispute="needs_response"),
    "pm_card_createDisputeProductNotReceived": TestCard("2685", dispute="needs_response"),
    "pm_card_createDisputeInquiry": TestCard("1976", dispute="warning_needs_response"),
    "pm_card_pendingRefund": TestCard("7726", refund=RefundFate.PENDING_FIRST),
    "pm_card_refundFail": TestCard("5126", refund=RefundFate.FAILS_LATER),
    "pm_card_riskLevelElevated": TestCard("9235", risk="elevated"),
    "pm_card_riskLevelHighest": TestCard(
        "4954", risk="highest", blocked=True, decline=_declined("fraudulent")
    ),
    "pm_card_bypassPending": TestCard("0077"),
}


def card_of(token: str) -> TestCard | None:
    """`pm_card_visa_chargeDeclined` is another name of `pm_card_chargeDeclined`."""
    return _CARDS.get(token) or _CARDS.get(token.replace("pm_card_visa_", "pm_card_", 1))
