"""The addresses of the API: what each takes and what it runs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from integrations.payments.sandbox import (
    charges,
    intents,
    listing,
    parameters,
    payment_methods,
    refunds,
)
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.errors import ApiError
from integrations.payments.sandbox.form import Form
from integrations.payments.sandbox.store import Object

_NOTHING: parameters.Readers = {}


@dataclass(frozen=True)
class Endpoint:
    """run: called with the call, the parameters, and the ids in the address."""

    method: str
    path: re.Pattern[str]
    run: Callable[..., Object]
    readers: parameters.Readers
    required: tuple[str, ...]

    def answer(self, call: Call, form: Form, identifiers: tuple[str, ...]) -> Object:
        readers = {**self.readers, "expand": parameters.texts}
        given = parameters.read(form, readers, required=self.required)
        paths: list[str] = given.pop("expand", [])
        return listing.expand(call, self.run(call, given, *identifiers), paths)


def _endpoint(
    method: str,
    path: str,
    run: Callable[..., Object],
    readers: parameters.Readers = _NOTHING,
    required: tuple[str, ...] = (),
) -> Endpoint:
    pattern = re.compile(path.replace("{id}", r"([A-Za-z0-9_]{1,100})"))
    return Endpoint(method, pattern, run, readers, required)


def _list(path: str, kind: str, readers: parameters.Readers) -> Endpoint:
    return _endpoint("GET", path, partial(listing.page, kind=kind, url=path), readers)


def _methods_of_customer(call: Call, given: dict[str, Any], customer: str) -> Object:
    payment_methods.retrieve_customer(call, {}, customer)
    url = f"/v1/customers/{customer}/payment_methods"
    return listing.page(call, {**given, "customer": customer}, kind="payment_method", url=url)


def _event(call: Call, _given: dict[str, Any], identifier: str) -> Object:
    return call.require("event", identifier, param="id")


_INTENTS, _INTENT = "/v1/payment_intents", "/v1/payment_intents/{id}"
_METHODS, _METHOD = "/v1/payment_methods", "/v1/payment_methods/{id}"
_ENDPOINTS = (
    _endpoint("POST", _INTENTS, intents.create, intents.CREATE, ("amount", "currency")),
    _endpoint("GET", _INTENT, intents.retrieve, {"client_secret": parameters.text}),
    _endpoint("POST", f"{_INTENT}/confirm", intents.confirm_later, intents.CONFIRM),
    _endpoint("POST", f"{_INTENT}/capture", intents.capture, intents.CAPTURE),
    _endpoint("POST", f"{_INTENT}/cancel", intents.cancel, intents.CANCEL),
    _list(_INTENTS, "payment_intent", listing.INTENTS),
    _endpoint("POST", "/v1/refunds", refunds.create, refunds.CREATE),
    _endpoint("GET", "/v1/refunds/{id}", refunds.retrieve),
    _list("/v1/refunds", "refund", listing.REFUNDS),
    _endpoint("GET", "/v1/charges/{id}", charges.retrieve),
    _list("/v1/charges", "charge", listing.CHARGES),
    _endpoint("GET", "/v1/disputes/{id}", charges.retrieve_dispute),
    _list("/v1/disputes", "dispute", listing.DISPUTES),
    _endpoint("GET", "/v1/events/{id}", _event),
    _list("/v1/events", "event", listing.EVENTS),
    _endpoint("POST", _METHODS, payment_methods.create, payment_methods.CREATE, ("type", "card")),
    _endpoint("GET", _METHOD, payment_methods.retrieve),
    _endpoint(
        "POST", f"{_METHOD}/attach", payment_methods.attach, payment_methods.ATTACH, ("customer",)
    ),
    _endpoint("POST", f"{_METHOD}/detach", payment_methods.detach),
    _list(_METHODS, "payment_method", listing.PAYMENT_METHODS),
    _endpoint("POST", "/v1/customers", payment_methods.create_customer, payment_methods.CUSTOMER),
    _endpoint("GET", "/v1/customers/{id}", payment_methods.retrieve_customer),
    _endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods",
        _methods_of_customer,
        {**listing.PAGE, "type": parameters.one_of("card")},
    ),
)


def at(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]]:
    """The endpoint at an address, and the ids in it.

    Raises: ApiError 404.
    """
    for endpoint in _ENDPOINTS:
        matched = endpoint.path.fullmatch(path)
        if endpoint.method == method and matched:
            return endpoint, matched.groups()
    raise ApiError(f"Unrecognized request URL ({method}: {path}).", status=404)
