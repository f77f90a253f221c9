"""Puts the caller into the scope of each request: `scope["user"]`."""

import re
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.callers import Callers
from auth.tokens import TokenInvalid
from core.db import FAULTS
from core.identity import ANONYMOUS, Caller

BEARER: Final = re.compile(r"bearer +([\w.~+/=-]+) *", re.ASCII | re.IGNORECASE)


class IdentityMiddleware:
    """Anonymous is a caller too; a token that is not good is refused, not ignored.

    callers: made in the lifespan, found in the application's state.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        try:
            scope["user"] = await _caller(scope, Headers(scope=scope).getlist("authorization"))
        except TokenInvalid as refusal:
            await _refused(refusal)(scope, receive, send)
        except FAULTS:
            await _UNAVAILABLE(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def caller_of(connection: HTTPConnection) -> Caller:
    """Who asks for an operation.

    Over a WebSocket the token is looked at again for each operation: the connection may live
    longer than the sign-in. Browsers can't set headers there; they send it as `authorization` in
    the payload of `connection_init`, where it goes before the header.

    Raises: TokenInvalid; one of core.db.FAULTS when the database can't be asked.
    """
    scope = connection.scope
    if scope["type"] == "http":
        caller: Caller = scope["user"]
        return caller
    parameters: dict[str, object] = scope.get("connection_params", {})
    named = [value for name, value in parameters.items() if name.lower() == "authorization"]
    return await _caller(scope, named or connection.headers.getlist("authorization"))


async def _caller(scope: Scope, authorizations: list[object] | list[str]) -> Caller:
    """The caller named by the only Authorization of a request."""
    if not authorizations:
        return ANONYMOUS
    bearer = BEARER.fullmatch(str(authorizations[0]))
    if bearer is None or len(authorizations) > 1:
        raise TokenInvalid
    callers: Callers = scope["app"].state.callers
    return await callers.of(bearer[1])


def _refused(refusal: TokenInvalid) -> JSONResponse:
    challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return _error(401, str(refusal), refusal.code, **challenge)


def _error(status: int, message: str, code: str, **headers: str) -> JSONResponse:
    body = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(body, status, headers)


_UNAVAILABLE: Final = _error(503, "Try again later.", "UNAVAILABLE", **{"Retry-After": "1"})
