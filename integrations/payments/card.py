"""Cards through Stripe's API, or through the sandbox that speaks it."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import httpx
import stripe

from core.clock import now
from core.settings import Settings
from integrations.payments.card_amounts import to_stripe
from integrations.payments.card_answers import (
    ATTEMPT,
    MESSAGES,
    REFUND,
    answer_of,
    error_of,
    event_of,
    refund_answer_of,
)
from services.payments import (
    FailureCode,
    Inquiry,
    InvalidSignature,
    PaymentRequest,
    PaymentState,
    ProviderAnswer,
    ProviderEvent,
    RefundAnswer,
    RefundRequest,
)

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PaymentIntentListParams

TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
RETRIES: Final = 1
SIGNATURE_TOLERANCE: Final = timedelta(seconds=300)
CLOCK_DIFFERENCE: Final = timedelta(seconds=300)
LATEST_CHARGE: Final = "latest_charge"
PAGE: Final = 100


class CardProvider:
    """Implements `services.payments.ports.PaymentProvider`: the sale is captured at once, whole.

    api_base: another host that speaks the protocol; "": Stripe's own.
    webhook_secrets: any of them may have signed; two while the secret is being changed.
    """

    def __init__(
        self,
        *,
        api_key: str,
        api_base: str = "",
        webhook_secrets: Sequence[str] = (),
        timeout: httpx.Timeout = TIMEOUT,
        retries: int = RETRIES,
        clock: Callable[[], datetime] = now,
    ) -> None:
        stripe.enable_telemetry = False
        # At lower levels the library logs bodies, and a client secret is in them.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._http = _HttpClient(timeout=timeout)
        self._stripe = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=self._http,
            max_network_retries=retries,
        )
        self._webhook_secrets = tuple(webhook_secrets)
        self._clock = clock

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """STRIPE_WEBHOOK_SECRET may name several, separated by commas."""
        secrets = settings.stripe_webhook_secret.get_secret_value().split(",")
        return cls(
            api_key=settings.stripe_api_key.get_secret_value(),
            api_base=settings.stripe_api_base.rstrip("/"),
            webhook_secrets=[secret.strip() for secret in secrets if secret.strip()],
        )

    async def aclose(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call]  # untyped in the library

    async def authorize(self, request: PaymentRequest, *, idempotency_key: str) -> ProviderAnswer:
        with _translated():
            try:
                intent = await self._stripe.v1.payment_intents.create_async(
                    _create(request), {"idempotency_key": idempotency_key}
                )
            except stripe.CardError as declined:
                return await self._declined(declined)
            except stripe.InvalidRequestError as refused:
                if (refused.code, refused.param) != ("resource_missing", "payment_method"):
                    raise
                return _no_such_method(request)
            return await self._current(intent)

    async def inquire(self, inquiry: Inquiry) -> ProviderAnswer | None:
        with _translated():
            if inquiry.reference is None:
                return await self._search(inquiry)
            try:
                return answer_of(await self._read(inquiry.reference))
            except stripe.InvalidRequestError as refused:
                if refused.code != "resource_missing":
                    raise
                return None

    async def capture(self, reference: str, *, idempotency_key: str) -> ProviderAnswer:
        with _translated():
            try:
                intent = await self._stripe.v1.payment_intents.capture_async(
                    reference,
                    {"expand": [LATEST_CHARGE]},
                    {"idempotency_key": idempotency_key},
                )
            except stripe.InvalidRequestError as refused:
                return await self._as_it_is(reference, refused)
            return await self._current(intent)

    async def cancel(self, reference: str, *, idempotency_key: str) -> ProviderAnswer:
        with _translated():
            try:
                intent = await self._stripe.v1.payment_intents.cancel_async(
                    reference,
                    {"expand": [LATEST_CHARGE]},
                    {"idempotency_key": idempotency_key},
                )
            except stripe.InvalidRequestError as refused:
                return await self._as_it_is(reference, refused)
            return await self._current(intent)

    async def refund(self, request: RefundRequest, *, idempotency_key: str) -> RefundAnswer:
        with _translated():
            refund = await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": request.payment_reference,
                    "amount": to_stripe(request.amount_minor, request.currency),
                    "metadata": {REFUND: str(request.refund_id)},
                },
                {"idempotency_key": idempotency_key},
            )
            if _replayed(refund):
                refund = await self._stripe.v1.refunds.retrieve_async(refund.id)
            return refund_answer_of(refund)

    async def inquire_refund(self, reference: str) -> RefundAnswer | None:
        with _translated():
            try:
                return refund_answer_of(await self._stripe.v1.refunds.retrieve_async(reference))
            except stripe.InvalidRequestError as refused:
                if refused.code != "resource_missing":
                    raise
                return None

    async def parse_callback(self, raw: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        header = next(
            (value for name, value in headers.items() if name.lower() == "stripe-signature"), ""
        )
        if not any(_signed(raw, header, secret) for secret in self._webhook_secrets):
            raise InvalidSignature("The signature is not one of ours.")
        if (
            abs(self._clock().timestamp() - _timestamp(header))
            > SIGNATURE_TOLERANCE.total_seconds()
        ):
            raise InvalidSignature("The signature is too old, or from the future.")
        try:
            return event_of(json.loads(raw))
        except (ValueError, KeyError, TypeError):
            raise InvalidSignature("The body is signed, but it is no event.") from None

    async def _read(self, reference: str) -> stripe.PaymentIntent:
        return await self._stripe.v1.payment_intents.retrieve_async(
            reference, {"expand": [LATEST_CHARGE]}
        )

    async def _current(self, intent: stripe.PaymentIntent) -> ProviderAnswer:
        """A replayed answer tells how things stood at the first call: look again."""
        return answer_of(await self._read(intent.id) if _replayed(intent) else intent)

    async def _declined(self, declined: stripe.CardError) -> ProviderAnswer:
        """The decline carries the intent without its charge, and may be a replay: look again."""
        intent = declined.error.payment_intent if declined.error else None
        if intent is None:
            raise declined
        return answer_of(await self._read(intent.id))

    async def _as_it_is(
        self, reference: str, refused: stripe.InvalidRequestError
    ) -> ProviderAnswer:
        """Too late for this step is an answer; every other refusal stays one."""
        if refused.code != "payment_intent_unexpected_state":
            raise refused
        return answer_of(await self._read(reference))

    async def _search(self, inquiry: Inquiry) -> ProviderAnswer | None:
        """Through the list, which is up to date at once; Stripe's search lags behind by minutes."""
        since = inquiry.called_since - CLOCK_DIFFERENCE
        wanted: PaymentIntentListParams = {
            "created": {"gte": int(since.timestamp())},
            "limit": PAGE,
            "expand": [f"data.{LATEST_CHARGE}"],
        }
        page = await self._stripe.v1.payment_intents.list_async(wanted)
        async for intent in page.auto_paging_iter():
            answer = answer_of(intent)
            if answer.attempt_id == inquiry.attempt_id:
                return answer
        return None


class _HttpClient(stripe.HTTPXClient):
    """The library gives httpx the encoded form as `data`; httpx warns and wants `content`."""

    def _get_request_args_kwargs(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any
    ) -> tuple[list[str], dict[str, Any]]:
        arguments, options = super()._get_request_args_kwargs(method, url, headers, post_data)
        options["content"] = options.pop("data") or None
        return list(arguments), options


def _create(request: PaymentRequest) -> "PaymentIntentCreateParams":
    wanted: PaymentIntentCreateParams = {
        "amount": to_stripe(request.amount_minor, request.currency),
        "currency": request.currency.lower(),
        "payment_method": request.payment_method,
        "allowed_payment_method_types": ["card"],
        "capture_method": "automatic",
        "confirm": True,
        "metadata": {ATTEMPT: str(request.attempt_id)},
        "expand": [LATEST_CHARGE],
    }
    if request.return_url is not None:
        wanted["return_url"] = request.return_url
    return wanted


def _no_such_method(request: PaymentRequest) -> ProviderAnswer:
    code = FailureCode.UNKNOWN_PAYMENT_METHOD
    return ProviderAnswer(
        state=PaymentState.FAILED,
        reference=None,
        attempt_id=request.attempt_id,
        amount_minor=request.amount_minor,
        currency=request.currency,
        failure_code=code,
        failure_message=MESSAGES[code],
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's exceptions leave as ours; the original is dropped, as its body may hold secrets."""
    try:
        yield
    except stripe.StripeError as error:
        raise error_of(error) from None


def _replayed(made: stripe.PaymentIntent | stripe.Refund) -> bool:
    response = made.last_response
    return response is not None and response.headers.get("idempotent-replayed") == "true"


def _signed(raw: bytes, header: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(raw, header, secret)
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True


def _timestamp(header: str) -> int:
    """Of a header whose signature was found good, and which was thus read the same way."""
    return next(int(part.split("=")[1]) for part in header.split(",") if part.split("=")[0] == "t")
