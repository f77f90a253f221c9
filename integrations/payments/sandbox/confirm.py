"""What confirming an intent does: the bank's question first, then the charge."""

from typing import Any, Final

from integrations.payments.sandbox import charges, payment_methods
from integrations.payments.sandbox.calls import Call, new_id
from integrations.payments.sandbox.cards import AUTHENTICATION_REQUIRED, Decline, TestCard
from integrations.payments.sandbox.errors import ApiError, missing_parameter
from integrations.payments.sandbox.store import Object

CONFIRMABLE: Final = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)
AUTHENTICATION_FAILED: Final = Decline(
    "payment_intent_authentication_failure",
    None,
    "The card could not be authenticated. Pay with another card, or try again.",
)


def confirm(call: Call, intent: Object, given: dict[str, Any]) -> Object:
    """Charge the intent's card, or ask its holder to authenticate first.

    Raises: ApiError 402 after a decline; the intent keeps what happened.
    """
    if intent["payment_method"] is None:
        raise missing_parameter("payment_method")
    method = call.require("payment_method", intent["payment_method"], param="payment_method")
    card = payment_methods.card_behind(call, method)
    if not card.authenticate:
        return charge(call, intent, method, card, authenticated=False)
    if given.get("off_session") or given.get("error_on_requires_action"):
        raise decline(call, intent, method, AUTHENTICATION_REQUIRED)
    return _ask_holder(call, intent, given.get("return_url"))


def charge(
    call: Call, intent: Object, method: Object, card: TestCard, *, authenticated: bool
) -> Object:
    """Raises: ApiError 402 when the bank declines."""
    made = charges.make(call, intent, method, card, authenticated=authenticated)
    intent.update(latest_charge=made["id"], payment_method=method["id"], next_action=None)
    if card.decline is not None:
        call.emit("charge.failed", made)
        raise decline(call, intent, method, card.decline, made)
    intent["last_payment_error"] = None
    if intent["capture_method"] == "manual":
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        call.store.save(intent)
        call.emit("charge.succeeded", made)
        call.emit("payment_intent.amount_capturable_updated", intent)
        return intent
    intent.update(status="succeeded", amount_received=intent["amount"])
    call.store.save(intent)
    call.emit("charge.succeeded", made)
    call.emit("payment_intent.succeeded", intent)
    if card.dispute:
        charges.open_dispute(call, made, card.dispute)
    return intent


def decline(
    call: Call, intent: Object, method: Object, why: Decline, made: Object | None = None
) -> ApiError:
    """Put the intent back to where another card can be tried; returns the answer to raise."""
    error = charges.error_of(why, method, made)
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    call.store.save(intent)
    call.emit("payment_intent.payment_failed", intent)
    return ApiError(
        why.message,
        status=402,
        kind="card_error",
        code=why.code,
        remembered=True,
        details={**error, "payment_intent": intent},
    )


def _ask_holder(call: Call, intent: Object, return_url: str | None) -> Object:
    """With a return_url a page of ours; without one the app's SDK would show the bank's step.

    The page is served in both cases, so that a test can play the cardholder.
    """
    nonce = new_id("auth")
    page = f"{call.base_url}/3ds/{intent['id']}/{nonce}"
    if return_url:
        action: Object = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": return_url},
        }
    else:
        action = {
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page},
        }
    intent.update(status="requires_action", next_action=action)
    call.store.save(intent, hidden={"nonce": nonce, "return_url": return_url})
    call.emit("payment_intent.requires_action", intent)
    return intent
