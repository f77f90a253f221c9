"""Payments: attempts, providers, refunds, the ledger."""

from services.payments.attempts import being_paid
from services.payments.callbacks import look_into, receive
from services.payments.errors import (
    PaymentInProgress,
    PaymentMethodUnavailable,
    RefundTooLarge,
)
from services.payments.following import on_events, refund_cancelled
from services.payments.personal import erase_person, personal_data
from services.payments.ports import (
    FailureCode,
    Inquiry,
    InvalidSignature,
    OutcomeUnknown,
    PaymentProvider,
    PaymentRequest,
    PaymentState,
    ProviderAnswer,
    ProviderError,
    ProviderEvent,
    ProviderRejected,
    RefundAnswer,
    RefundRequest,
    RefundState,
    ThreeDSecure,
)
from services.payments.refund_workflow import advance_refund
from services.payments.refunds import request_refund
from services.payments.settling import settle_group
from services.payments.starting import PROVIDERS, NewPayment
from services.payments.states import status_after_refund
from services.payments.sweeping import sweep
from services.payments.workflows import advance, confirm, initialize

__all__ = [
    "PROVIDERS",
    "FailureCode",
    "Inquiry",
    "InvalidSignature",
    "NewPayment",
    "OutcomeUnknown",
    "PaymentInProgress",
    "PaymentMethodUnavailable",
    "PaymentProvider",
    "PaymentRequest",
    "PaymentState",
    "ProviderAnswer",
    "ProviderError",
    "ProviderEvent",
    "ProviderRejected",
    "RefundAnswer",
    "RefundRequest",
    "RefundState",
    "RefundTooLarge",
    "ThreeDSecure",
    "advance",
    "advance_refund",
    "being_paid",
    "confirm",
    "erase_person",
    "initialize",
    "look_into",
    "on_events",
    "personal_data",
    "receive",
    "refund_cancelled",
    "request_refund",
    "settle_group",
    "status_after_refund",
    "sweep",
]
