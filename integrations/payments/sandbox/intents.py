"""Payment intents: the calls that make and move them. What confirming does is in confirm.py."""

from typing import Any

from integrations.payments.sandbox import charges, confirm, parameters, payment_methods
from integrations.payments.sandbox.calls import Call, new_id, now
from integrations.payments.sandbox.errors import ApiError, unexpected_state
from integrations.payments.sandbox.store import Object


def _no_longer(_value: Any, name: str) -> None:
    """Source: the changes of API version 2026-09-30.endive."""
    raise ApiError(
        "payment_method_types is no longer supported; use allowed_payment_method_types.",
        code="payment_method_types_no_longer_supported",
        param=name,
    )


_ADDRESS: parameters.Readers = dict.fromkeys(
    ("city", "country", "line1", "line2", "postal_code", "state"), parameters.text
)
CONFIRM: parameters.Readers = {
    "payment_method": parameters.text,
    "return_url": parameters.text,
    "off_session": parameters.boolean,
    "error_on_requires_action": parameters.boolean,
    "use_stripe_sdk": parameters.boolean,
}
CREATE: parameters.Readers = {
    **CONFIRM,
    "amount": parameters.positive,
    "currency": parameters.currency,
    "confirm": parameters.boolean,
    "customer": parameters.text,
    "capture_method": parameters.one_of("automatic", "automatic_async", "manual"),
    "confirmation_method": parameters.one_of("automatic", "manual"),
    "setup_future_usage": parameters.one_of("on_session", "off_session"),
    "automatic_payment_methods": parameters.group(
        {
            "enabled": parameters.boolean,
            "allow_redirects": parameters.one_of("always", "never"),
        }
    ),
    "allowed_payment_method_types": parameters.texts,
    "payment_method_types": _no_longer,
    "description": parameters.text,
    "receipt_email": parameters.text,
    "statement_descriptor_suffix": parameters.text,
    "shipping": parameters.group(
        {
            "name": parameters.text,
            "phone": parameters.text,
            "carrier": parameters.text,
            "tracking_number": parameters.text,
            "address": parameters.group(_ADDRESS),
        }
    ),
    "metadata": parameters.metadata,
}
CAPTURE: parameters.Readers = {"amount_to_capture": parameters.positive}
CANCEL: parameters.Readers = {
    "cancellation_reason": parameters.one_of(
        "duplicate", "fraudulent", "requested_by_customer", "abandoned"
    )
}
_UNUSED = dict.fromkeys(
    ("processing", "review", "statement_descriptor", "transfer_data", "transfer_group")
)
_ONLY_WITH_CONFIRM = ("return_url", "off_session", "error_on_requires_action")
_CANCELLABLE = frozenset(
    {"requires_payment_method", "requires_capture", "requires_confirmation", "requires_action"}
)


def create(call: Call, given: dict[str, Any]) -> Object:
    _check(given)
    if "customer" in given:
        call.require("customer", given["customer"], param="customer", status=400)
    method: Object | None = None
    if "payment_method" in given:
        method = payment_methods.obtain(call, given["payment_method"], param="payment_method")
    intent = _new(given, method)
    call.store.insert(intent)
    call.emit("payment_intent.created", intent)
    if given.get("confirm"):
        return confirm.confirm(call, intent, given)
    return intent


def confirm_later(call: Call, given: dict[str, Any], identifier: str) -> Object:
    intent = retrieve(call, {}, identifier)
    if intent["status"] not in confirm.CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    if "payment_method" in given:
        method = payment_methods.obtain(call, given["payment_method"], param="payment_method")
        intent["payment_method"] = method["id"]
    return confirm.confirm(call, intent, given)


def capture(call: Call, given: dict[str, Any], identifier: str) -> Object:
    """Take all of a held amount, or a part; what is left of it is let go."""
    intent = retrieve(call, {}, identifier)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured")
    held: int = intent["amount_capturable"]
    amount: int = given.get("amount_to_capture", held)
    if amount > held:
        raise ApiError(
            "The amount to capture is greater than the amount that can be captured.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    charge = call.require("charge", intent["latest_charge"], param="charge")
    charges.capture(call, charge, amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    call.store.save(intent)
    call.emit("payment_intent.succeeded", intent)
    return intent


def cancel(call: Call, given: dict[str, Any], identifier: str) -> Object:
    intent = retrieve(call, {}, identifier)
    if intent["status"] not in _CANCELLABLE:
        raise unexpected_state(intent, "canceled")
    intent.update(
        status="canceled",
        canceled_at=now(),
        cancellation_reason=given.get("cancellation_reason"),
        amount_capturable=0,
        next_action=None,
    )
    call.store.save(intent)
    call.emit("payment_intent.canceled", intent)
    return intent


def retrieve(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("payment_intent", identifier, param="intent")


def _check(given: dict[str, Any]) -> None:
    parameters.check_amount(given["amount"], given["currency"])
    if not given.get("confirm"):
        for name in _ONLY_WITH_CONFIRM:
            if name in given:
                raise ApiError(f"{name} can only be used together with confirm=true.", param=name)
    types = given.get("allowed_payment_method_types")
    automatic = given.get("automatic_payment_methods", {"enabled": types is None})
    if types is not None and "automatic_payment_methods" in given:
        raise ApiError(
            "Use either allowed_payment_method_types or automatic_payment_methods.",
            code="parameters_exclusive",
            param="allowed_payment_method_types",
        )
    if types not in (None, ["card"]):
        raise ApiError("The sandbox knows cards only.", param="allowed_payment_method_types")
    redirects = automatic.get("enabled") and automatic.get("allow_redirects") != "never"
    if given.get("confirm") and redirects and "return_url" not in given:
        raise ApiError(
            "Payment methods that redirect are enabled: give a return_url, or set "
            "automatic_payment_methods[allow_redirects]=never.",
            param="return_url",
        )


def _new(given: dict[str, Any], method: Object | None) -> Object:
    identifier = new_id("pi")
    types = given.get("allowed_payment_method_types")
    automatic = given.get("automatic_payment_methods")
    if types is None and automatic is None:
        automatic = {"enabled": True}
    if automatic:
        automatic = {"allow_redirects": "always", **automatic}
    return {
        **_UNUSED,
        "id": identifier,
        "object": "payment_intent",
        "allowed_payment_method_types": types,
        "amount": given["amount"],
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": automatic,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": given.get("capture_method", "automatic_async"),
        "client_secret": f"{identifier}_{new_id('secret')}",
        "confirmation_method": given.get("confirmation_method", "automatic"),
        "created": now(),
        "currency": given["currency"],
        "customer": given.get("customer"),
        "description": given.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "next_action": None,
        "payment_method": method["id"] if method else None,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "receipt_email": given.get("receipt_email"),
        "setup_future_usage": given.get("setup_future_usage"),
        "shipping": given.get("shipping"),
        "statement_descriptor_suffix": given.get("statement_descriptor_suffix"),
        "status": "requires_confirmation" if method else "requires_payment_method",
    }
