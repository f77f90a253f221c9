"""Refunds: bounded by what is left of the charge; some test cards' banks change their mind."""

import time
from typing import Any

from integrations.payments.sandbox import parameters, payment_methods
from integrations.payments.sandbox.calls import Call, new_id, now
from integrations.payments.sandbox.cards import RefundFate
from integrations.payments.sandbox.errors import ApiError, missing_parameter
from integrations.payments.sandbox.store import Object

SECOND_THOUGHT_SECONDS = 2.0

CREATE: parameters.Readers = {
    "payment_intent": parameters.text,
    "charge": parameters.text,
    "amount": parameters.positive,
    "reason": parameters.one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": parameters.metadata,
}


def create(call: Call, given: dict[str, Any]) -> Object:
    charge = _charge(call, given)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if not charge["captured"] or charge["status"] != "succeeded":
        raise ApiError("The charge was not captured.", remembered=True, param="payment_intent")
    if left == 0:
        raise ApiError(
            "The charge has been refunded already.",
            code="charge_already_refunded",
            remembered=True,
        )
    if amount > left:
        raise ApiError(
            f"The refund of {amount} is greater than the {left} left of the charge.",
            param="amount",
            remembered=True,
        )
    refund = _new(charge, amount, given)
    method = call.require("payment_method", charge["payment_method"], param="payment_method")
    fate = payment_methods.card_behind(call, method).refund
    hidden: Object = {}
    if fate is not RefundFate.SUCCEEDS:
        hidden = {"fate": fate, "due": time.time() + SECOND_THOUGHT_SECONDS}
    if fate is RefundFate.PENDING_FIRST:
        refund["status"] = "pending"
    call.store.insert(refund, hidden=hidden)
    _move(call, charge, amount)
    call.emit("refund.created", refund)
    call.emit("charge.refunded", charge)
    return refund


def retrieve(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("refund", identifier, param="refund")


def settle(call: Call, *, at_once: str | None = None) -> None:
    """Let the banks have their second thoughts that are due.

    at_once: a refund that is settled without waiting.
    """
    for refund in call.store.unsettled("refund"):
        hidden = call.store.hidden(refund["id"])
        if at_once == refund["id"] or hidden["due"] <= time.time():
            _settle(call, refund, RefundFate(hidden["fate"]))


def _settle(call: Call, refund: Object, fate: RefundFate) -> None:
    before = refund["status"]
    if fate is RefundFate.PENDING_FIRST:
        refund["status"] = "succeeded"
    else:
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        charge = call.require("charge", refund["charge"], param="charge")
        _move(call, charge, -refund["amount"])
    call.store.save(refund, hidden={})
    call.emit("refund.updated", refund, status=before)
    if refund["status"] == "failed":
        call.emit("refund.failed", refund, status=before)


def _charge(call: Call, given: dict[str, Any]) -> Object:
    if "charge" in given:
        return call.require("charge", given["charge"], param="charge", status=404)
    if "payment_intent" not in given:
        raise missing_parameter("payment_intent")
    intent = call.require("payment_intent", given["payment_intent"], param="payment_intent")
    if intent["latest_charge"] is None:
        raise ApiError(
            "The PaymentIntent has no successful charge to refund.",
            param="payment_intent",
            remembered=True,
        )
    return call.require("charge", intent["latest_charge"], param="charge")


def _move(call: Call, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    call.store.save(charge)


def _new(charge: Object, amount: int, given: dict[str, Any]) -> Object:
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": new_id("txn"),
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "destination_details": {"type": "card", "card": {"type": "refund"}},
        "metadata": given.get("metadata", {}),
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
