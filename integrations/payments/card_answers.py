"""What Stripe's objects and errors mean in the shop's words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import stripe

from integrations.payments.card_amounts import from_stripe
from services.payments import (
    FailureCode,
    OutcomeUnknown,
    PaymentState,
    ProviderAnswer,
    ProviderError,
    ProviderEvent,
    ProviderRejected,
    RefundAnswer,
    RefundState,
    ThreeDSecure,
)

ATTEMPT, REFUND = "attempt_id", "refund_id"

_STATES: Final = {
    "requires_payment_method": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "processing": PaymentState.PENDING,
    "requires_action": PaymentState.ACTION_REQUIRED,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.CANCELLED,
}
_REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
_FAILURES: Final = {
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "withdrawal_count_limit_exceeded": FailureCode.INSUFFICIENT_FUNDS,
    "expired_card": FailureCode.EXPIRED_CARD,
    "incorrect_cvc": FailureCode.INCORRECT_CVC,
    "invalid_cvc": FailureCode.INCORRECT_CVC,
    "lost_card": FailureCode.LOST_OR_STOLEN,
    "stolen_card": FailureCode.LOST_OR_STOLEN,
    "pickup_card": FailureCode.LOST_OR_STOLEN,
    "authentication_required": FailureCode.AUTHENTICATION_FAILED,
    "payment_intent_authentication_failure": FailureCode.AUTHENTICATION_FAILED,
    "processing_error": FailureCode.PROCESSING_ERROR,
}
# A shopper is not told that a card was reported as lost or stolen: who holds it may be the thief.
MESSAGES: Final = {
    FailureCode.DECLINED: "The card was declined.",
    FailureCode.INSUFFICIENT_FUNDS: "There is not enough money on the card.",
    FailureCode.EXPIRED_CARD: "The card has expired.",
    FailureCode.INCORRECT_CVC: "The security code is wrong.",
    FailureCode.LOST_OR_STOLEN: "The card was declined.",
    FailureCode.AUTHENTICATION_FAILED: "The bank could not confirm that it is you.",
    FailureCode.PROCESSING_ERROR: "The card could not be processed. Please try again.",
    FailureCode.UNKNOWN_PAYMENT_METHOD: "This way to pay is not known.",
}


def answer_of(intent: stripe.PaymentIntent) -> ProviderAnswer:
    """The intent must come with its latest charge expanded: the refunded amount is there."""
    currency = intent.currency.upper()
    state = _STATES.get(intent.status, PaymentState.PENDING)
    failure = None
    if intent.status == "requires_payment_method" and intent.last_payment_error is not None:
        state, failure = PaymentState.FAILED, _failure(intent.last_payment_error)
    charge = intent.latest_charge
    refunded = charge.amount_refunded if isinstance(charge, stripe.Charge) else 0
    return ProviderAnswer(
        state=state,
        reference=intent.id,
        attempt_id=_uuid(intent.metadata.to_dict(), ATTEMPT),
        amount_minor=from_stripe(intent.amount, currency),
        currency=currency,
        captured_minor=from_stripe(intent.amount_received, currency),
        refunded_minor=from_stripe(refunded, currency) if intent.amount_received else 0,
        next_action=_next_action(intent) if state is PaymentState.ACTION_REQUIRED else None,
        failure_code=failure,
        failure_message=MESSAGES[failure] if failure else None,
    )


def refund_answer_of(refund: stripe.Refund) -> RefundAnswer:
    currency = refund.currency.upper()
    intent = refund.payment_intent
    return RefundAnswer(
        state=_REFUND_STATES.get(refund.status or "", RefundState.PENDING),
        reference=refund.id,
        refund_id=_uuid(refund.metadata.to_dict() if refund.metadata else None, REFUND),
        payment_reference=intent if isinstance(intent, str) else intent.id if intent else "",
        amount_minor=from_stripe(refund.amount, currency),
        currency=currency,
        failure_reason=getattr(refund, "failure_reason", None),
    )


def event_of(event: Mapping[str, Any]) -> ProviderEvent:
    """Raises: KeyError or TypeError for what is no event."""
    subject = event["data"]["object"]
    kind = subject["object"]
    return ProviderEvent(
        event_id=str(event["id"]),
        kind=str(event["type"]),
        created_at=datetime.fromtimestamp(event["created"], UTC),
        payment_reference=(
            subject["id"] if kind == "payment_intent" else subject.get("payment_intent")
        ),
        refund_reference=subject["id"] if kind == "refund" else None,
        attempt_id=_uuid(subject.get("metadata"), ATTEMPT),
    )


def error_of(error: stripe.StripeError) -> ProviderError:
    """What to raise instead; only codes and Stripe's request id go along.

    Bodies and messages do not: they can hold client secrets and parts of keys.
    """
    where = f"{type(error).__name__}, HTTP {error.http_status}, request {error.request_id}"
    if isinstance(error, (stripe.APIError, stripe.APIConnectionError, stripe.RateLimitError)):
        return OutcomeUnknown(f"The payment provider gave no answer ({where}).")
    code = error.code or (error.error.type if error.error else None) or type(error).__name__
    parameter = getattr(error, "param", None)
    about = f"{code}, parameter {parameter}" if parameter else code
    return ProviderRejected(
        f"The payment provider refused the call: {about} ({where}).",
        code=code,
        parameter=parameter,
    )


def _failure(error: Any) -> FailureCode:
    """The bank's reason says more than Stripe's code, where there is one."""
    for code in (getattr(error, "decline_code", None), getattr(error, "code", None)):
        if code in _FAILURES:
            return _FAILURES[code]
    return FailureCode.DECLINED


def _next_action(intent: stripe.PaymentIntent) -> ThreeDSecure:
    action = intent.next_action
    redirect = getattr(action, "redirect_to_url", None) if action else None
    return ThreeDSecure(
        redirect_url=redirect.url if redirect else None,
        client_secret=intent.client_secret or "",
    )


def _uuid(metadata: Mapping[str, Any] | None, name: str) -> UUID | None:
    """Other systems on the same account may have payments without it, or with another."""
    try:
        return UUID(metadata[name]) if metadata and name in metadata else None
    except ValueError:
        return None
