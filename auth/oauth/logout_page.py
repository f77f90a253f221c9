"""/oauth/logout: the end of a sign-in in a browser, begun by a client or by the person."""

from dataclasses import replace
from typing import Final

from authlib.oauth2 import OAuth2Error
from authlib.oidc.rpinitiated import EndSessionRequest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auth.oauth.browsers import leave
from auth.oauth.logout import is_from_client
from auth.oauth.requests import Malformed, form_of, query_of
from auth.oauth.visits import Visit, malformed

LOG_OUT: Final = "log-out"


async def logout(request: Request) -> Response:
    """Asks the person first, unless a client shows the ID token of whoever is signed in here."""
    visit = await Visit.of(request)
    try:
        form = await form_of(request) if request.method == "POST" else {}
        parameters = {**query_of(request), **form}
        asked = visit.provider.asked(request, parameters)
        ending: EndSessionRequest = await visit.provider.serve(
            lambda server: server.validate_endpoint_request("end_session", asked)
        )
    except Malformed as error:
        return malformed(visit, error)
    except (OAuth2Error, ValueError):  # an ID token that we did not sign
        return visit.problem("bad_request", status=400)
    is_confirmed = form.get("step") == LOG_OUT and visit.provider.browsers.is_own_form(
        request, visit.browser, form.get("form_token", "")
    )
    if not is_confirmed and _must_ask(visit, ending):
        kept = {name: parameters[name] for name in _KEPT if name in parameters}
        return visit.page("log_out", kept=kept)
    return await _left(visit, ending)


_KEPT: Final = ("id_token_hint", "client_id", "post_logout_redirect_uri", "state")


def _must_ask(visit: Visit, ending: EndSessionRequest) -> bool:
    """Nobody is signed out by a link from somewhere."""
    if visit.browser.signed_in is None:
        return False
    if not is_from_client(ending):
        return True
    whose: str = ending.id_token_claims["sub"]
    return visit.browser.signed_in.user_id.hex != whose


async def _left(visit: Visit, ending: EndSessionRequest) -> Response:
    """Back to where the client registered, if it may say so; else a page."""
    async with visit.provider.db.transaction() as session:
        await leave(session, visit.browser)
    answer = await visit.provider.serve(
        lambda server: server.create_endpoint_response("end_session", ending)
    )
    if answer is not None and is_from_client(ending):
        return RedirectResponse(answer.location, 303)
    return replace(visit, browser=replace(visit.browser, signed_in=None)).page("signed_out")
