"""Endpoints that programs call themselves, without a page: tokens and what is known of them."""

import contextlib
from collections.abc import Callable
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from auth.brakes import TOKEN
from auth.keys import KeyUnknown, TokenInvalid
from auth.middleware import BEARER
from auth.oauth.clients import client_id_of
from auth.oauth.people import PERSON, claims_of
from auth.oauth.provider import Provider
from auth.oauth.requests import Answer, Malformed, Parameters, form_of, invalid_request
from auth.oauth.scopes import OPENID
from auth.oauth.server import Server
from auth.tokens import Claims
from services import audit

_NO_GUESS: Final = ("authorization_pending",)  # a device waits, as it was told to
NOBODY: Final = "invalid_client"
REFUSED: Final = 400  # and above


async def token(request: Request) -> Response:
    return await _answered(request, lambda server, asked: server.create_token_response(asked))


async def device_authorization(request: Request) -> Response:
    """Counted also where it succeeds: each is a row, and who knows a public client may ask."""
    return await _answered(request, _endpoint("device_authorization"), is_free=False)


async def revoke(request: Request) -> Response:
    return await _answered(request, _endpoint("revocation"))


async def introspect(request: Request) -> Response:
    return await _answered(request, _endpoint("introspection"))


async def userinfo(request: Request) -> Response:
    """What the scopes of an access token let a client know of the person, as it is now.

    Raises: one of core.db.FAULTS.
    """
    provider = Provider.of(request)
    bearer = BEARER.fullmatch(request.headers.get("authorization", ""))
    try:
        claims = await _claims(provider, bearer[1] if bearer else "")
    except TokenInvalid:
        return _refused("invalid_token", 401)
    if OPENID not in claims.scopes or claims.session_id is None:
        return _refused("insufficient_scope", 403, f', scope="{OPENID}"')
    rows = await provider.reader.fetch(PERSON, session_id=claims.session_id)
    if not rows:
        return _refused("invalid_token", 401)
    return JSONResponse(claims_of(rows[0], claims.scopes), headers={"Cache-Control": "no-store"})


async def _claims(provider: Provider, text: str) -> Claims:
    try:
        return provider.tokens.read(text)
    except KeyUnknown:
        await provider.keys.catch_up()
        return provider.tokens.read(text)


async def _meet(provider: Provider, text: str) -> None:
    """Learn the key of a token that is asked about, which can't be done inside the transaction."""
    with contextlib.suppress(TokenInvalid):
        await _claims(provider, text)


def _refused(error: str, status: int, more: str = "") -> Response:
    """Source: RFC 6750, 3."""
    challenge = {"WWW-Authenticate": f'Bearer error="{error}"{more}'}
    return JSONResponse({"error": error}, status, challenge)


def _endpoint(name: str) -> Callable[[Server, Any], Answer]:
    return lambda server, asked: server.create_endpoint_response(name, asked)


async def _answered(
    request: Request, ask: Callable[[Server, Any], Answer], *, is_free: bool = True
) -> Response:
    """What fails counts against whoever tries; what succeeds does not, where `is_free`.

    Raises: auth.brakes.Throttled; one of core.db.FAULTS.
    """
    provider = Provider.of(request)
    try:
        form = await form_of(request)
        asked = provider.asked(request, form)
    except Malformed as error:
        return invalid_request(error).response()
    except OAuth2Error as error:
        status, body, headers = error()
        return Answer(status, body, dict(headers)).response()
    account = _account(request, form)
    await provider.brakes.check(TOKEN, account)
    if "token" in form:
        await _meet(provider, form["token"])
    answer = await provider.serve(lambda server: ask(server, asked))
    problem = answer.body.get("error")
    if is_free and (answer.status < REFUSED or problem in _NO_GUESS):
        await provider.brakes.passed(TOKEN, account)
    if account is not None and problem == NOBODY:
        failed = audit.entry("CLIENT_SIGN_IN_FAILED", "OAuthClient", client_id_of(account))
        await audit.note(provider.db, failed)
    return answer.response()


def _account(request: Request, form: Parameters) -> str | None:
    """The client whose secret is tried, if one is.

    Of public clients only addresses are counted: everybody knows their ids, and could use up what
    all their users have together.
    """
    if "client_secret" in form or "client_assertion" in form:
        return form.get("client_id")
    try:
        name, _ = extract_basic_authorization(request.headers)
    except ValueError:  # of what is no text; authlib lets that out
        return None
    return str(name) if name else None
