"""Charges: what happens at the card's bank, and what a cardholder disputes."""

from typing import Any, Final

from integrations.payments.sandbox.calls import Call, new_id, now
from integrations.payments.sandbox.cards import Decline, TestCard
from integrations.payments.sandbox.store import Object

DISPUTE_ANSWER_SECONDS = 7 * 24 * 3600
_UNUSED: Final = dict.fromkeys(
    (
        "receipt_number",
        "receipt_url",
        "review",
        "source_transfer",
        "statement_descriptor",
        "transfer_group",
    )
)


def make(
    call: Call, intent: Object, method: Object, card: TestCard, *, authenticated: bool
) -> Object:
    """Ask the card's bank; a decline makes a failed charge.

    authenticated: the cardholder passed 3-D Secure for this charge.
    """
    decline = card.decline
    captured = decline is None and intent["capture_method"] != "manual"
    charge: Object = {
        **_UNUSED,
        "id": new_id("ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "balance_transaction": new_id("txn") if captured else None,
        "billing_details": method["billing_details"],
        "captured": captured,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": _outcome(card),
        "paid": decline is None,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _details(method, authenticated)},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "shipping": intent["shipping"],
        "status": "failed" if decline else "succeeded",
    }
    call.store.insert(charge)
    return charge


def capture(call: Call, charge: Object, amount: int) -> None:
    charge.update(captured=True, amount_captured=amount, balance_transaction=new_id("txn"))
    call.store.save(charge)
    call.emit("charge.captured", charge)


def open_dispute(call: Call, charge: Object, status: str) -> None:
    """The cardholder complains to the bank; no money moves while it only inquires."""
    dispute: Object = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now() + DISPUTE_ANSWER_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": status.startswith("warning"),
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent",
        "status": status,
    }
    call.store.insert(dispute)
    charge["disputed"] = True
    call.store.save(charge)
    call.emit("charge.dispute.created", dispute)
    if not status.startswith("warning"):
        call.emit("charge.dispute.funds_withdrawn", dispute)


def retrieve_dispute(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("dispute", identifier, param="dispute")


def retrieve(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("charge", identifier, param="charge")


def error_of(decline: Decline, method: Object, charge: Object | None) -> Object:
    """What a decline looks like in an answer and as an intent's `last_payment_error`."""
    return {
        "type": "card_error",
        "code": decline.code,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}",
        "message": decline.message,
        "payment_method": method,
        **({"decline_code": decline.decline_code} if decline.decline_code else {}),
        **({"charge": charge["id"]} if charge else {}),
    }


def _outcome(card: TestCard) -> Object:
    if card.decline is None:
        status, kind, reason = "approved_by_network", "authorized", None
    elif card.blocked:
        status, kind, reason = "not_sent_to_network", "blocked", "highest_risk_level"
    else:
        status, kind, reason = "declined_by_network", "issuer_declined", card.decline.decline_code
    return {
        "network_status": status,
        "reason": reason,
        "risk_level": card.risk,
        "seller_message": None,
        "type": kind,
    }


def _details(method: Object, authenticated: bool) -> Object:
    card = method["card"]
    kept = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    secure: Object | None = None
    if authenticated:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "transaction_id": new_id("ds"),
            "version": "2.2.0",
        }
    return {
        **{name: card[name] for name in kept},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "network": card["brand"],
        "three_d_secure": secure,
        "wallet": None,
    }
