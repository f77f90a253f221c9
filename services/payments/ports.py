"""What the shop asks of a payment provider, and in which words a provider answers.

The adapters are in integrations/payments. Amounts are minor units of ISO 4217, currencies are
written in upper case; an adapter converts at its edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class PaymentState(StrEnum):
    """How far one attempt to pay has come at the provider."""

    PENDING = "PENDING"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    AUTHORIZED = "AUTHORIZED"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class RefundState(StrEnum):
    """SUCCEEDED is the provider's word for now: a bank can still return the money, then FAILED."""

    PENDING = "PENDING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class FailureCode(StrEnum):
    """Why an attempt failed, in the shop's words; another attempt may succeed."""

    DECLINED = "DECLINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    EXPIRED_CARD = "EXPIRED_CARD"
    INCORRECT_CVC = "INCORRECT_CVC"
    LOST_OR_STOLEN = "LOST_OR_STOLEN"
    AUTHENTICATION_FAILED = "AUTHENTICATION_FAILED"
    PROCESSING_ERROR = "PROCESSING_ERROR"
    UNKNOWN_PAYMENT_METHOD = "UNKNOWN_PAYMENT_METHOD"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One attempt to pay a whole amount at once.

    attempt_id: travels along and comes back in answers and events.
    payment_method: the provider's token of what is paid with, never a card number.
    return_url: where the bank sends the shopper's browser afterwards; without it the shopper's
        app has to show the bank's step itself, by client secret.
    """

    attempt_id: UUID
    amount_minor: int
    currency: str
    payment_method: str = field(repr=False)
    return_url: str | None = None


@dataclass(frozen=True, slots=True)
class ThreeDSecure:
    """The cardholder's bank wants to see its customer first.

    redirect_url: the page to send the browser to; None: the app finishes with the client secret.
    """

    redirect_url: str | None
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """What the provider holds of one attempt at this moment; compare amounts before believing it.

    reference: the provider's id of the payment; None when it refused without making one.
    attempt_id: ours, as the provider kept it; None when it keeps none.
    failure_message: a sentence that is safe to show to the shopper.
    """

    state: PaymentState
    reference: str | None
    attempt_id: UUID | None
    amount_minor: int
    currency: str
    captured_minor: int = 0
    refunded_minor: int = 0
    next_action: ThreeDSecure | None = None
    failure_code: FailureCode | None = None
    failure_message: str | None = None


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which payment is asked about.

    reference: the provider's id; None when its answer was lost, then the attempt's id is
        searched for among the payments made since `called_since`, the time of the first call.
    """

    attempt_id: UUID
    called_since: datetime
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """refund_id: travels along and comes back; payment_reference: the provider's id."""

    refund_id: UUID
    payment_reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """failure_reason: the provider's word for it, for staff and logs."""

    state: RefundState
    reference: str
    refund_id: UUID | None
    payment_reference: str
    amount_minor: int
    currency: str
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """A verified callback: a hint that something changed. Ask again, do not believe its content.

    event_id: the same for every delivery of the same event.
    kind: the provider's name of what happened, such as `payment_intent.succeeded`.
    """

    event_id: str
    kind: str
    created_at: datetime
    payment_reference: str | None = None
    refund_reference: str | None = None
    attempt_id: UUID | None = None


class ProviderError(Exception):
    """The call gave no answer about the payment. The message holds no secret and no card data."""


class OutcomeUnknown(ProviderError):
    """Time-out, fault or conflict: it may have happened. Ask again with the same key."""


class ProviderRejected(ProviderError):
    """The provider refused the call itself and did nothing: our configuration or our mistake.

    code: the provider's code, or its kind of error when it gave none.
    parameter: the parameter it complained about.
    """

    def __init__(self, message: str, *, code: str, parameter: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.parameter = parameter


class InvalidSignature(ProviderError):
    """A callback that the provider did not send, or sent too long ago."""


class PaymentProvider(Protocol):
    """One way to pay. Every method makes at most one change at the provider per key.

    The same key with the same request may be sent as often as needed; another request needs
    another key. All methods raise OutcomeUnknown and ProviderRejected.
    """

    async def authorize(self, request: PaymentRequest, *, idempotency_key: str) -> ProviderAnswer:
        """Take the money, or say what is missing. A decline is an answer: FAILED."""
        ...

    async def inquire(self, inquiry: Inquiry) -> ProviderAnswer | None:
        """What became of an attempt; None when the provider has never heard of it."""
        ...

    async def capture(self, reference: str, *, idempotency_key: str) -> ProviderAnswer:
        """Take an authorized amount, whole; an answer in another state tells that it was too late.

        A payment that was captured already is answered as it is.
        """
        ...

    async def cancel(self, reference: str, *, idempotency_key: str) -> ProviderAnswer:
        """Give an uncaptured payment up. It may have been captured meanwhile: read the state."""
        ...

    async def refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundAnswer:
        """Give money back, at most what is left of the payment; more is ProviderRejected."""
        ...

    async def inquire_refund(self, reference: str) -> RefundAnswer | None:
        """What became of a refund; None when the provider has never heard of it."""
        ...

    async def parse_callback(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Verify a callback and say what it is about.

        Args:
            raw: the body as it arrived; one changed byte breaks the signature.
            headers: names in any case.

        Raises: InvalidSignature.
        """
        ...
