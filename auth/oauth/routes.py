"""Where everything is; a database that is not there is said in the caller's own format."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.brakes import Throttled
from auth.oauth import direct, discovery
from auth.oauth.apps_page import apps
from auth.oauth.authorize import authorize
from auth.oauth.device_page import device
from auth.oauth.logout_page import logout
from auth.oauth.outside import callback
from auth.oauth.pages import SCRIPT_PATH, passkey_script
from auth.oauth.provider import Provider
from core.db import FAULTS
from core.errors import Unavailable
from core.identity import ANONYMOUS, acting

Endpoint = Callable[[Request], Awaitable[Response]]
_LATER: Final = {"Retry-After": "1"}
_NOT_NOW: Final[tuple[type[Exception], ...]] = (*FAULTS, Unavailable)


def as_page(endpoint: Endpoint) -> Endpoint:
    """For people: what goes wrong is said on a page."""

    async def guarded(request: Request) -> Response:
        acting.set(ANONYMOUS)  # until somebody in particular is known to act
        try:
            return await endpoint(request)
        except _NOT_NOW:
            facts = {"key": "busy", "detail": "", "client": None}
            return Provider.of(request).page(
                request, None, "problem", facts, status=503, headers=_LATER
            )

    return guarded


def _direct(endpoint: Endpoint) -> Endpoint:
    async def guarded(request: Request) -> Response:
        acting.set(ANONYMOUS)
        try:
            return await endpoint(request)
        except _NOT_NOW:
            return JSONResponse({"error": "temporarily_unavailable"}, 503, _LATER)
        except Throttled as throttled:
            body = {"error": "temporarily_unavailable", "error_description": str(throttled)}
            return JSONResponse(body, 429, {"Retry-After": str(throttled.retry_after)})

    return guarded


_BOTH: Final = ["GET", "POST"]

ROUTES: Final = [
    Route("/.well-known/openid-configuration", discovery.metadata),
    Route("/.well-known/oauth-authorization-server", discovery.metadata),
    Route("/.well-known/jwks.json", discovery.jwks),
    Route("/oauth/authorize", as_page(authorize), methods=_BOTH),
    Route("/oauth/apps", as_page(apps), methods=_BOTH),
    Route("/oauth/callback", as_page(callback)),
    Route("/oauth/device", as_page(device), methods=_BOTH),
    Route("/oauth/logout", as_page(logout), methods=_BOTH),
    Route(SCRIPT_PATH, passkey_script),
    Route("/oauth/token", _direct(direct.token), methods=["POST"]),
    Route("/oauth/device_authorization", _direct(direct.device_authorization), methods=["POST"]),
    Route("/oauth/revoke", _direct(direct.revoke), methods=["POST"]),
    Route("/oauth/introspect", _direct(direct.introspect), methods=["POST"]),
    Route("/oauth/userinfo", _direct(direct.userinfo), methods=_BOTH),
]
