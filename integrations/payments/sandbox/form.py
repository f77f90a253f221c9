"""Stripe's form encoding: `a[b]=`, `a[0]=` and `a[]=` become nested maps of text."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from integrations.payments.sandbox.errors import ApiError

Form = dict[str, Any]

MAXIMUM_FIELDS = 1_000
MAXIMUM_DEPTH = 6
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


def decode(encoded: bytes) -> Form:
    """Nested maps; a list is a map with its positions as keys, in the order they came."""
    try:
        pairs = parse_qsl(
            encoded.decode(), keep_blank_values=True, max_num_fields=MAXIMUM_FIELDS, errors="strict"
        )
    except ValueError:
        raise ApiError("The form could not be read.") from None
    form: Form = {}
    for name, value in pairs:
        _put(form, name, value)
    return form


def canonical(form: Form) -> str:
    """The same text for the same parameters, in whatever order they came."""
    return json.dumps(form, sort_keys=True)


def _put(form: Form, name: str, value: str) -> None:
    matched = _NAME.fullmatch(name)
    keys = [matched[1], *_KEY.findall(matched[2])] if matched else []
    if not keys or len(keys) > MAXIMUM_DEPTH:
        raise ApiError(f"Invalid parameter name: {name}", param=name)
    at = form
    for key in keys[:-1]:
        at = at.setdefault(key or str(len(at)), {})
        if not isinstance(at, dict):
            raise ApiError(f"Invalid parameter: {name} is both a value and a hash", param=name)
    if isinstance(at.get(keys[-1]), dict):
        raise ApiError(f"Invalid parameter: {name} is both a value and a hash", param=name)
    at[keys[-1] or str(len(at))] = value
