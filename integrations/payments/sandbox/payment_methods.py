"""Payment methods made from the test tokens, and the customers who keep them."""

from typing import Any

from integrations.payments.sandbox import parameters
from integrations.payments.sandbox.calls import Call, new_id, now
from integrations.payments.sandbox.cards import TestCard, card_of
from integrations.payments.sandbox.errors import ApiError, no_such
from integrations.payments.sandbox.store import Object

CREATE: parameters.Readers = {
    "type": parameters.one_of("card"),
    "card": parameters.group({"token": parameters.text}),
    "metadata": parameters.metadata,
}
ATTACH: parameters.Readers = {"customer": parameters.text}
CUSTOMER: parameters.Readers = {
    "email": parameters.text,
    "name": parameters.text,
    "description": parameters.text,
    "phone": parameters.text,
    "metadata": parameters.metadata,
}


def obtain(call: Call, token: str, *, param: str, status: int = 400) -> Object:
    """The payment method of this id; for a test token a new one."""
    card = card_of(token)
    if card is not None:
        return _make(call, token, card)
    return call.require("payment_method", token, param=param, status=status)


def card_behind(call: Call, method: Object) -> TestCard:
    card = card_of(str(call.store.hidden(method["id"])["token"]))
    if card is None:  # the state folder is of a release that knew another card
        raise no_such("payment_method", method["id"], param="payment_method", status=400)
    return card


def create(call: Call, given: dict[str, Any]) -> Object:
    """`card[token]=tok_visa` is `pm_card_visa`; card numbers are not taken."""
    token = str(given["card"].get("token", ""))
    card = card_of(token.replace("tok_", "pm_card_", 1))
    if card is None:
        raise no_such("token", token, param="card[token]", status=400)
    method = _make(call, token.replace("tok_", "pm_card_", 1), card)
    method["metadata"] = given.get("metadata", {})
    call.store.save(method)
    return method


def retrieve(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return obtain(call, identifier, param="payment_method", status=404)


def attach(call: Call, given: dict[str, Any], identifier: str) -> Object:
    customer = call.require("customer", given["customer"], param="customer", status=400)
    method = obtain(call, identifier, param="payment_method", status=404)
    if method["customer"] not in {None, customer["id"]}:
        raise ApiError("The payment method is attached to another customer.", remembered=True)
    method["customer"] = customer["id"]
    call.store.save(method)
    call.emit("payment_method.attached", method, customer=None)
    return method


def detach(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    method = call.require("payment_method", identifier, param="payment_method")
    if method["customer"] is None:
        raise ApiError("The payment method is not attached to a customer.", remembered=True)
    customer, method["customer"] = method["customer"], None
    call.store.save(method)
    call.emit("payment_method.detached", method, customer=customer)
    return method


def create_customer(call: Call, given: dict[str, Any]) -> Object:
    customer: Object = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "created": now(),
        "default_source": None,
        "description": given.get("description"),
        "email": given.get("email"),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": given.get("metadata", {}),
        "name": given.get("name"),
        "phone": given.get("phone"),
        "shipping": None,
    }
    call.store.insert(customer)
    call.emit("customer.created", customer)
    return customer


def retrieve_customer(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("customer", identifier, param="id")


def _make(call: Call, token: str, card: TestCard) -> Object:
    nobody = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    method: Object = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": nobody,
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": _card(card),
        "created": now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }
    call.store.insert(method, hidden={"token": token})
    return method


def _card(card: TestCard) -> Object:
    return {
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "CN" if card.brand == "unionpay" else "US",
        "display_brand": card.brand,
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"sandbox{card.brand}{card.last4}",
        "funding": "credit",
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
