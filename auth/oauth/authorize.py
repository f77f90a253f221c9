"""/oauth/authorize: a client sends a person here, who signs in, decides, and is sent back."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.util import await_
from starlette.requests import Request
from starlette.responses import Response

from auth.oauth.browsers import SignedIn
from auth.oauth.clients import Client
from auth.oauth.grants import CodeGrant
from auth.oauth.people import Person
from auth.oauth.requests import Answer, Malformed, OAuthRequest, query_of
from auth.oauth.scopes import in_order, listed
from auth.oauth.server import Server
from auth.oauth.visits import ASKS_TO_SIGN_IN, Visit, is_shared, malformed, stepped
from core.clock import now
from core.identity import Caller, CallerKind
from models.oauth import Consent
from services import audit

ALLOW: Final = "allow"
DENY: Final = "deny"
DECIDE: Final = "decide"
_TOLD: Final = ("invalid_request", "invalid_client")  # whose descriptions quote nobody
MAX_AGE_DIGITS: Final = 9  # thirty years of seconds
COMING_BACK: Final = timedelta(seconds=10)  # from the sign-in to the page it was for
READING: Final = timedelta(minutes=10)  # of what is asked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person must do first: look at `page`."""

    page: str
    client: Client
    redirect_uri: str
    scopes: list[str]


async def authorize(request: Request) -> Response:
    """The request is read anew at each step from the address, which nobody has to remember."""
    visit = await Visit.of(request)
    try:
        asked = visit.provider.asked(request, query_of(request))
        form = await visit.form() if request.method == "POST" else {}
    except Malformed as error:
        return malformed(visit, error)
    except OAuth2Error as error:
        return visit.problem("bad_request", status=400, detail=error.description)
    if form is None:
        return visit.problem("form_expired", status=403)
    decision = form.get("decision") if form.get("step") == DECIDE else None
    person = None if is_shared(form) else visit.browser.signed_in
    found = await visit.provider.serve(lambda server: _next(server, asked, person, decision))
    if isinstance(found, Answer):
        return _answered(visit, found)
    visit = visit.from_client(found.client, found.redirect_uri)
    return await stepped(visit, form) or _shown(visit, found, asked)


def _shown(visit: Visit, wanted: Wanted, asked: OAuthRequest) -> Response:
    if wanted.page == "sign_in":
        return visit.sign_in_page(email=asked.payload.data.get("login_hint", ""))
    destination = _destination(wanted.redirect_uri)
    return visit.page("consent", scopes=wanted.scopes, destination=destination)


def _answered(visit: Visit, answer: Answer) -> Response:
    """Without an address that is surely the client's, the person learns what went wrong."""
    if answer.location is None:
        error = answer.body["error"]
        told = answer.body.get("error_description") if error in _TOLD else None
        return visit.problem("bad_request", status=400, detail=told or error)
    return answer.response()


def _next(
    server: Server, request: OAuthRequest, signed_in: SignedIn | None, decision: str | None
) -> Answer | Wanted:
    """Where a valid request leads now: to a page of ours, or back to the client."""
    person = _person(signed_in)
    try:
        grant: CodeGrant = server.get_consent_grant(request, end_user=person)
        wanted = _wanted(server, request, person, patience=READING if decision else COMING_BACK)
    except OAuth2Error as error:
        error.state = request.payload.state
        return server.refused(request, error)
    if wanted is None or (wanted.page == "consent" and decision in {ALLOW, DENY}):
        if wanted is not None and person is not None and decision == ALLOW:
            await_(_remember(server, person, wanted))
        is_allowed = wanted is None or decision == ALLOW
        answer: Answer = server.create_authorization_response(
            request, grant_user=person if is_allowed else None, grant=grant
        )
        return answer
    return wanted


def _person(signed_in: SignedIn | None) -> Person | None:
    if signed_in is None:
        return None
    return Person(signed_in.user_id, signed_in.auth_time, signed_in.amr, signed_in.session_id)


def _wanted(
    server: Server, request: OAuthRequest, person: Person | None, *, patience: timedelta
) -> Wanted | None:
    """What the person must do before the client gets its answer.

    patience: how long ago they may have shown who they are, whatever the client says: it is what
    takes them from there to here.

    Raises: LoginRequiredError, ConsentRequiredError for a client that wants no page to be shown;
    InvalidRequestError.
    """
    data, client = request.payload.data, request.client
    redirect_uri, scopes = data["redirect_uri"], listed(request.scope)
    prompts = set(data.get("prompt", "").split())
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("'prompt' none stands alone", redirect_uri=redirect_uri)
    longest = _max_age(data.get("max_age"), redirect_uri)
    is_stale = person is None or (
        longest is not None and now() - person.auth_time > max(longest, patience)
    )
    if person is None or is_stale or prompts & ASKS_TO_SIGN_IN:
        if "none" in prompts:
            raise LoginRequiredError(redirect_uri=redirect_uri)
        return Wanted("sign_in", client, redirect_uri, scopes)
    if "consent" not in prompts and await_(_has_consented(server, person, client, scopes)):
        return None
    if "none" in prompts:
        raise ConsentRequiredError(redirect_uri=redirect_uri)
    return Wanted("consent", client, redirect_uri, scopes)


def _max_age(text: str | None, redirect_uri: str) -> timedelta | None:
    """Raises: InvalidRequestError for what is no number of seconds."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_AGE_DIGITS):
        raise InvalidRequestError("'max_age' is a number of seconds", redirect_uri=redirect_uri)
    return timedelta(seconds=int(text))


async def _has_consented(server: Server, person: Person, client: Client, scopes: list[str]) -> bool:
    """A native app is asked about each time: another app may pretend to be it.

    Source: RFC 8252, 8.6.
    """
    if client.is_first_party:
        return True
    if client.is_native:
        return False
    given = select(Consent.scopes).where(
        Consent.user_id == person.user_id, Consent.client_id == client.id
    )
    known = await server.session.scalar(given)
    return known is not None and {*scopes} <= {*known}


async def _remember(server: Server, person: Person, wanted: Wanted) -> None:
    """What was allowed before stays allowed. Locks the consent that there is."""
    known = select(Consent.scopes).where(
        Consent.user_id == person.user_id, Consent.client_id == wanted.client.id
    )
    before = await server.session.scalar(known.with_for_update()) or []
    scopes = in_order([*before, *wanted.scopes])
    row = {"user_id": person.user_id, "client_id": wanted.client.id, "scopes": scopes}
    given = insert(Consent).values(row)
    merged = given.on_conflict_do_update(
        index_elements=["user_id", "client_id"], set_={"scopes": scopes, "granted_at": now()}
    )
    await server.session.execute(merged)
    entry = audit.entry(
        "CONSENT_GIVEN",
        "User",
        person.user_id,
        after={"clientId": wanted.client.client_id, "scopes": wanted.scopes},
        actor=Caller(CallerKind.USER, person.user_id, person.session_id),
    )
    await audit.record(server.session, entry)


def _destination(redirect_uri: str) -> str:
    """Where the person will be sent, as they can judge it: a host, or an app's own scheme."""
    parts = urlsplit(redirect_uri)
    return parts.hostname or f"{parts.scheme}:"
