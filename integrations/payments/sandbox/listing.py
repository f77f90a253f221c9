"""Lists in Stripe's form, newest first, and references that become objects by `expand`."""

from typing import Any, Final

from integrations.payments.sandbox import parameters
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.errors import ApiError, no_such
from integrations.payments.sandbox.store import Object

DEFAULT_LIMIT = 10
PAGE: parameters.Readers = {
    "limit": parameters.limit,
    "starting_after": parameters.text,
    "ending_before": parameters.text,
    "created": parameters.group(
        dict.fromkeys(("gt", "gte", "lt", "lte"), parameters.integer),
    ),
}
INTENTS: parameters.Readers = {**PAGE, "customer": parameters.text}
CHARGES: parameters.Readers = {
    **PAGE,
    "customer": parameters.text,
    "payment_intent": parameters.text,
}
REFUNDS: parameters.Readers = {
    **PAGE,
    "charge": parameters.text,
    "payment_intent": parameters.text,
}
EVENTS: parameters.Readers = {**PAGE, "type": parameters.text, "types": parameters.texts}
DISPUTES = REFUNDS
PAYMENT_METHODS: parameters.Readers = {
    **PAGE,
    "customer": parameters.text,
    "type": parameters.one_of("card"),
}
_COMPARE: Final = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}
_REFERENCES: Final = {
    "payment_intent": {
        "latest_charge": "charge",
        "payment_method": "payment_method",
        "customer": "customer",
    },
    "charge": {
        "payment_intent": "payment_intent",
        "customer": "customer",
    },
    "refund": {"charge": "charge", "payment_intent": "payment_intent"},
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "payment_method": {"customer": "customer"},
}


def page(call: Call, given: dict[str, Any], *, kind: str, url: str) -> Object:
    """One page of a kind, cut by `limit`, `starting_after` and `ending_before`."""
    found = [each for each in call.store.newest(kind) if _matches(each, given)]
    limit = given.get("limit", DEFAULT_LIMIT)
    if "ending_before" in given:
        before = found[: _position(found, given["ending_before"], "ending_before")]
        shown, more = before[-limit:], len(before) > limit
    else:
        start = 0
        if "starting_after" in given:
            start = _position(found, given["starting_after"], "starting_after") + 1
        shown, more = found[start : start + limit], len(found) > start + limit
    return {"object": "list", "data": shown, "has_more": more, "url": url}


def expand(call: Call, body: Object, paths: list[str]) -> Object:
    """Put objects in place of the ids that the paths name, `latest_charge` or `data.customer`."""
    for path in paths:
        _expand(call, body, path.split("."), path)
    return body


def _expand(call: Call, body: Object, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if body["object"] == "list" and name == "data" and rest:
        for each in body["data"]:
            _expand(call, each, rest, path)
        return
    kind = _REFERENCES.get(body["object"], {}).get(name)
    if kind is None:
        raise ApiError(f"This property cannot be expanded ({path}).", param="expand")
    if isinstance(body[name], str):
        body[name] = call.store.get(kind, body[name])
    if rest and body[name] is not None:
        _expand(call, body[name], rest, path)


def _matches(each: Object, given: dict[str, Any]) -> bool:
    created = given.get("created", {})
    if not all(_COMPARE[name](each["created"], bound) for name, bound in created.items()):
        return False
    if "types" in given and each["type"] not in given["types"]:
        return False
    fields = ("customer", "payment_intent", "charge", "type")
    return all(each[name] == given[name] for name in fields if name in given)


def _position(found: list[Object], identifier: str, param: str) -> int:
    for position, each in enumerate(found):
        if each["id"] == identifier:
            return position
    raise no_such("object", identifier, param=param, status=400)
