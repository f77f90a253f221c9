"""One request while it runs: where it reads and writes, and what its events name as their cause."""

import secrets
import string
import time
from dataclasses import dataclass, field, replace
from typing import Any, Self

from integrations.payments.sandbox.errors import no_such
from integrations.payments.sandbox.store import Object, Store

API_VERSION = "2026-10-28.endive"
_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    """`pi_4Zr…`: unguessable, as the 3-D Secure page is reached by it."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(24))}"


def now() -> int:
    return int(time.time())


@dataclass(frozen=True)
class Call:
    """base_url: how a browser reaches the sandbox; request_id: None for what no request caused.

    emitted: the events that the call recorded, in their order.
    """

    store: Store
    base_url: str
    notifies: bool
    request_id: str | None = None
    idempotency_key: str | None = None
    emitted: list[str] = field(default_factory=list)

    def begin(self, *, request_id: str | None = None, idempotency_key: str | None = None) -> Self:
        """The same place, for the next request."""
        return replace(self, request_id=request_id, idempotency_key=idempotency_key, emitted=[])

    def require(self, kind: str, identifier: str, *, param: str, status: int = 404) -> Object:
        """The object, or Stripe's refusal."""
        found = self.store.get(kind, identifier)
        if found is None:
            raise no_such(kind, identifier, param=param, status=status)
        return found

    def emit(self, kind: str, subject: Object, **previous: Any) -> None:
        """Record an event and its delivery, in the transaction that caused it."""
        event: Object = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": now(),
            "data": {"object": subject, **({"previous_attributes": previous} if previous else {})},
            "livemode": False,
            "pending_webhooks": int(self.notifies),
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        self.store.insert(event)
        self.emitted.append(event["id"])
        if self.notifies:
            self.store.schedule(event["id"])
