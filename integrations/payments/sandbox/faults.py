"""Faults on order: what goes wrong with the next request that fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What a test can order.

    HANG: the work is done and committed, the answer never comes.
    HALF_BODY: the work is done, the connection breaks in the middle of the answer.
    NOT_JSON: the work is done, a page in HTML comes instead of the answer.
    SERVER_ERROR: 500, nothing was done, and the key is used up.
    SERVER_ERROR_AFTER_COMMIT: 500, although the work is done; the key answers 500 from now on.
    UNAVAILABLE: 503, nothing was done, the key is free.
    RATE_LIMITED: 429, nothing was done, the key is free.
    SLOW: the work begins `seconds` later; until then the key is in use.
    WEBHOOK_FIRST: the events of the request are delivered before its answer.
    """

    HANG = "hang"
    HALF_BODY = "half_body"
    NOT_JSON = "not_json"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER_COMMIT = "server_error_after_commit"
    UNAVAILABLE = "unavailable"
    RATE_LIMITED = "rate_limited"
    SLOW = "slow"
    WEBHOOK_FIRST = "webhook_first"


@dataclass
class Order:
    """about: a text in the path or in a parameter, such as an intent's id; "": any.

    times: how many requests it still spoils.
    """

    fault: Fault
    method: str = "POST"
    path: str = "/v1/"
    about: str = ""
    times: int = 1
    seconds: float = 1.0


class Faults:
    def __init__(self) -> None:
        self._orders: list[Order] = []

    def add(self, order: Order) -> None:
        self._orders.append(order)

    def clear(self) -> None:
        self._orders.clear()

    def take(self, method: str, path: str, form: Mapping[str, Any]) -> Order | None:
        """The first order that fits the request; it is used up by one."""
        for order in self._orders:
            fits = method == order.method and path.startswith(order.path)
            if fits and (order.about in path or order.about in str(form)):
                order.times -= 1
                if order.times <= 0:
                    self._orders.remove(order)
                return order
        return None
