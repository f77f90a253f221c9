"""Telling the shop: events are signed, delivered in their order, and retried until taken."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import httpx

from integrations.payments.sandbox import refunds
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.store import Delivery, Store

TIMEOUT_SECONDS = 5.0
FIRST_GAP_SECONDS, LONGEST_GAP_SECONDS = 0.25, 60.0
LOOK_EVERY_SECONDS = 0.2

_log = logging.getLogger(__name__)


def signature(secret: str, body: bytes, moment: int) -> str:
    """The `Stripe-Signature` header of a body sent at a moment."""
    signed = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


class Courier:
    """Delivers the store's events. held: none leaves by itself until it is released."""

    def __init__(self, store: Store, call: Call, *, url: str, secret: str) -> None:
        self.held = False
        self._store = store
        self._call = call
        self._url = url
        self._secret = secret
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False)
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Deliver what is due, for as long as the sandbox runs."""
        while True:
            with self._store.transaction():
                refunds.settle(self._call.begin())
            if not self.held:
                await self._deliver_due()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def close(self) -> None:
        await self._client.aclose()

    async def deliver(self, events: Sequence[str]) -> None:
        """These now, in this order, held or not; those that were taken already are left alone."""
        async with self._one_at_a_time:
            waiting = {each.event: each for each in self._store.open_deliveries()}
            for event in events:
                if event in waiting:
                    await self._try(waiting[event])

    async def send(self, event: str, *, moment: int | None = None) -> int | None:
        """Post an event once more, whatever became of it; the receiver's status.

        moment: the signature's time, for a delivery that comes too late.
        """
        found = self._store.get("event", event)
        body = json.dumps(found).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(self._secret, body, moment or int(time.time())),
        }
        try:
            response = await self._client.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            _log.info("The webhook did not arrive: %s", type(problem).__name__)
            return None
        return response.status_code

    async def _deliver_due(self) -> None:
        async with self._one_at_a_time:
            for delivery in self._store.open_deliveries():
                if delivery.due <= time.time() and not self.held:
                    await self._try(delivery)

    async def _try(self, delivery: Delivery) -> None:
        status = await self.send(delivery.event)
        gap = min(FIRST_GAP_SECONDS * 2**delivery.attempts, LONGEST_GAP_SECONDS)
        taken = status is not None and httpx.codes.is_success(status)
        self._store.delivered(
            replace(
                delivery,
                attempts=delivery.attempts + 1,
                due=time.time() + gap,
                delivered=taken,
                last_status=status,
            )
        )
