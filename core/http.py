"""Middleware of every request: its id, its log line, limits and headers."""

import logging
import re
import time
from collections.abc import Iterable, MutableMapping
from typing import Any, Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.ids import new_id
from core.logging import request_id

log = logging.getLogger("request")

SLOW_MILLISECONDS: Final = 1000.0
FAULT: Final = 500
SAMPLE: Final = 100
REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
SECURITY_HEADERS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"content-security-policy": (
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
        b"img-src 'self' data:; worker-src 'self' blob:; connect-src 'self'; "
        b"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}

Headers = Iterable[tuple[bytes, bytes]]


def header(headers: Headers, wanted: bytes) -> bytes:
    """The first value of a header, by its name in lower case; empty when there is none.

    Of raw headers, as the server gives them: Starlette's own objects cost ten times as much.
    """
    for name, value in headers:
        if name == wanted:
            return value
    return b""


class RequestMiddleware:
    """Gives the request an id and security headers, and logs what is worth a line.

    An id that a proxy sent in X-Request-Id is kept when it is harmless. A line costs a quarter of
    a small operation: faults and slow requests get theirs always, of the others one in SAMPLE, and
    every one at level DEBUG.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.count = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = header(scope["headers"], b"x-request-id")
        identity = given.decode() if REQUEST_ID.fullmatch(given) else new_id().hex
        token = request_id.set(identity)
        started, status = time.perf_counter(), FAULT

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = dict(message.get("headers", ()))
                more = [pair for pair in SECURITY_HEADERS.items() if pair[0] not in own]
                named = (b"x-request-id", identity.encode())
                message["headers"] = [*message.get("headers", ()), named, *more]
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            self.note(scope, status, (time.perf_counter() - started) * 1000)
            request_id.reset(token)

    def note(self, scope: Scope, status: int, milliseconds: float) -> None:
        self.count += 1
        if status >= FAULT or milliseconds >= SLOW_MILLISECONDS:
            level = logging.WARNING
        else:
            level = logging.DEBUG if self.count % SAMPLE else logging.INFO
        if log.isEnabledFor(level):
            facts = {"method": scope["method"], "path": scope["path"], "status": status}
            log.log(level, "request", extra={**facts, "milliseconds": round(milliseconds, 2)})


class TooLarge(Exception):
    """The body has more bytes than the limit."""


class BodyLimitMiddleware:
    """Refuses bodies above a limit, announced or not; `exempt` paths have limits of their own."""

    def __init__(self, app: ASGIApp, *, limit: int, exempt: tuple[str, ...] = ()) -> None:
        self.app, self.limit, self.exempt = app, limit, exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(self.exempt):
            await self.app(scope, receive, send)
            return
        announced = header(scope["headers"], b"content-length")
        if announced.isdigit() and int(announced) > self.limit:
            await self._refuse(scope, receive, send)
        elif announced and not header(scope["headers"], b"transfer-encoding"):
            await self.app(scope, receive, send)  # the server reads no more than was announced
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        received, has_started = 0, False

        async def receive_limited() -> MutableMapping[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise TooLarge
            return message

        async def send_noting(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive_limited, send_noting)
        except TooLarge:
            if has_started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = {
            "message": f"The body has more than {self.limit} bytes.",
            "extensions": {"code": "BAD_USER_INPUT"},
        }
        await JSONResponse({"errors": [error]}, 413)(scope, receive, send)
