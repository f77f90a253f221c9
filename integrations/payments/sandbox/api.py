"""The front of the API: who asks, idempotency keys, and the one transaction of each request."""

import asyncio
import base64
import binascii
import json
import secrets
from collections import deque
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from integrations.payments.sandbox import endpoints, form
from integrations.payments.sandbox.broken import HalfBody, NeverAnswers
from integrations.payments.sandbox.calls import API_VERSION, Call, new_id
from integrations.payments.sandbox.errors import ApiError, server_error
from integrations.payments.sandbox.faults import Fault, Faults, Order
from integrations.payments.sandbox.store import Answer, Store
from integrations.payments.sandbox.webhooks import Courier

KEY_LENGTH = 255
LOGGED_REQUESTS = 10_000
FORM_TYPE: Final = "application/x-www-form-urlencoded"
_REFUSALS: Final = {
    Fault.UNAVAILABLE: (503, "api_error", None),
    Fault.RATE_LIMITED: (429, "invalid_request_error", "rate_limit"),
}


@dataclass(frozen=True)
class Asked:
    """One request, read. key: its idempotency key."""

    method: str
    path: str
    form: form.Form
    key: str | None

    @property
    def fingerprint(self) -> str:
        return f"{self.method} {self.path} {form.canonical(self.form)}"


@dataclass(frozen=True)
class Given:
    """An answer, before faults. events: what it caused; replayed: an earlier answer, again."""

    answer: Answer
    request_id: str
    events: tuple[str, ...] = ()
    replayed: bool = False


class Api:
    """api_key: the only one that is let in; empty: any secret test key."""

    def __init__(
        self, store: Store, call: Call, courier: Courier, faults: Faults, *, api_key: str
    ) -> None:
        self.log: deque[dict[str, Any]] = deque(maxlen=LOGGED_REQUESTS)
        self._store = store
        self._call = call
        self._courier = courier
        self._faults = faults
        self._api_key = api_key
        self._in_use: set[str] = set()

    async def answer(self, request: Request) -> Response:
        request_id = new_id("req")
        body = await request.body()
        asked: Asked | None = None
        order: Order | None = None
        try:
            self._authenticate(request.headers.get("authorization", ""))
            asked = _asked(request, body)
            order = self._faults.take(asked.method, asked.path, asked.form)
            given = await self._given(asked, request_id, order)
        except ApiError as refused:
            given = Given(_failed(refused, request_id), request_id)
        self._note(request, asked, given, order)
        if order and order.fault is Fault.WEBHOOK_FIRST:
            await self._courier.deliver(given.events)
        response = _response(given, request.headers.get("stripe-version"), asked)
        return _spoiled(response, order)

    async def _given(self, asked: Asked, request_id: str, order: Order | None) -> Given:
        if order and order.fault in _REFUSALS:
            status, kind, code = _REFUSALS[order.fault]
            raise ApiError("The sandbox was told to refuse.", status=status, kind=kind, code=code)
        if asked.key is None:
            return self._run(asked, request_id, order)
        if asked.key in self._in_use:
            raise ApiError(
                "Another request with this idempotency key is still running.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        before = self._store.answer(asked.key)
        if before is not None:
            return _again(before, asked, request_id)
        self._in_use.add(asked.key)
        try:
            if order and order.fault is Fault.SLOW:
                await asyncio.sleep(order.seconds)
            return self._run(asked, request_id, order)
        finally:
            self._in_use.discard(asked.key)

    def _run(self, asked: Asked, request_id: str, order: Order | None) -> Given:
        """Everything or nothing: objects, events, and the answer that the key will repeat.

        Raises: ApiError when nothing happened and nothing is remembered.
        """
        call = self._call.begin(request_id=request_id, idempotency_key=asked.key)
        fault = order.fault if order else None
        with self._store.transaction():
            try:
                if fault is Fault.SERVER_ERROR:
                    raise server_error()
                answer = self._done(call, asked, request_id)
                if fault is Fault.SERVER_ERROR_AFTER_COMMIT:
                    raise server_error()
            except ApiError as refused:
                if not refused.remembered:
                    raise
                answer = replace(_failed(refused, request_id), request=asked.fingerprint)
            if asked.key is not None:
                self._store.remember(asked.key, answer)
        return Given(answer, request_id, tuple(call.emitted))

    def _done(self, call: Call, asked: Asked, request_id: str) -> Answer:
        endpoint, identifiers = endpoints.at(asked.method, asked.path)
        body = endpoint.answer(call, asked.form, identifiers)
        return Answer(asked.fingerprint, request_id, 200, json.dumps(body, indent=2).encode())

    def _authenticate(self, header: str) -> None:
        """Bearer, or Basic with the key as its user."""
        kind, _, credentials = header.partition(" ")
        key = credentials.strip()
        if kind.lower() == "basic":
            try:
                key = base64.b64decode(key, validate=True).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                key = ""
        known = key.startswith("sk_test_")
        if self._api_key:
            known = secrets.compare_digest(key.encode(), self._api_key.encode())
        if not known:
            raise ApiError(
                "No API key, or not the sandbox's: send `Authorization: Bearer sk_test_…`.",
                status=401,
            )

    def _note(
        self, request: Request, asked: Asked | None, given: Given, order: Order | None
    ) -> None:
        self.log.append(
            {
                "request_id": given.request_id,
                "method": request.method,
                "path": request.url.path,
                "form": asked.form if asked else None,
                "idempotency_key": asked.key if asked else None,
                "status": given.answer.status,
                "replayed": given.replayed,
                "fault": order.fault if order else None,
            }
        )


def _asked(request: Request, body: bytes) -> Asked:
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is not None and not 0 < len(key) <= KEY_LENGTH:
        raise ApiError(f"An idempotency key has 1 to {KEY_LENGTH} characters.")
    encoded = request.url.query.encode()
    if request.method == "POST":
        content_type = request.headers.get("content-type", FORM_TYPE).partition(";")[0]
        if body and content_type.strip().lower() != FORM_TYPE:
            raise ApiError(f"The content type must be {FORM_TYPE}.")
        encoded = body
    return Asked(request.method, request.url.path, form.decode(encoded), key)


def _again(before: Answer, asked: Asked, request_id: str) -> Given:
    if before.request != asked.fingerprint:
        raise ApiError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{asked.key}' if you meant to execute "
            "a different request.",
            kind="idempotency_error",
        )
    return Given(before, request_id, replayed=True)


def _failed(refused: ApiError, request_id: str) -> Answer:
    body = json.dumps({"error": refused.error}, indent=2).encode()
    return Answer("", request_id, refused.status, body)


def _response(given: Given, version: str | None, asked: Asked | None) -> Response:
    headers = {"Request-Id": given.request_id, "Stripe-Version": version or API_VERSION}
    if asked and asked.key:
        headers["Idempotency-Key"] = asked.key
    if given.replayed:
        headers["Idempotent-Replayed"] = "true"
        headers["Original-Request"] = given.answer.request_id
    if given.answer.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        headers["Stripe-Should-Retry"] = "false"
    return Response(given.answer.body, given.answer.status, headers, media_type="application/json")


def _spoiled(response: Response, order: Order | None) -> Response:
    """The answer as the ordered fault leaves it."""
    match order.fault if order else None:
        case Fault.HANG:
            return NeverAnswers()
        case Fault.HALF_BODY:
            return HalfBody(response)
        case Fault.NOT_JSON:
            return Response("<html><body>Bad gateway</body></html>", media_type="text/html")
        case _:
            return response
