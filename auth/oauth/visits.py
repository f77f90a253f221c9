"""A person on one of our pages, and the steps that all pages share: signing in and out."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from auth.brakes import Throttled
from auth.oauth.browsers import LOGIN_LIFETIME, Browser, enter, leave
from auth.oauth.clients import Client
from auth.oauth.provider import Provider
from auth.oauth.requests import Malformed, Parameters, form_of
from auth.passkeys import Answer
from auth.sign_in import Halfway, Proven
from core.errors import DomainError, Unavailable
from services import accounts
from services.factors import SecondFactor

SIGN_IN: Final = "sign-in"
SECOND_FACTOR: Final = "second-factor"
PASSKEY_REQUEST: Final = "passkey-request"
PASSKEY: Final = "passkey"
LEAVE: Final = "leave"
ELSEWHERE: Final = "elsewhere"
ELSEWHERE_PROOF: Final = "PAGE_LOGIN"
ASKS_TO_SIGN_IN: Final = {"login", "select_account"}  # of `prompt`


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person's browser.

    back: the address of ours at which it goes on, and where forms lead.
    client, redirect_uri: who sent the person here and waits for them; None on our own account.
    """

    provider: Provider
    request: Request
    browser: Browser
    back: str
    client: Client | None = None
    redirect_uri: str | None = None

    @classmethod
    async def of(cls, request: Request) -> "Visit":
        """Raises: one of core.db.FAULTS."""
        provider = Provider.of(request)
        query = f"?{request.url.query}" if request.url.query else ""
        back = f"{request.url.path}{query}"
        return cls(provider, request, await provider.browsers.of(request), back)

    def from_client(self, client: Client, redirect_uri: str) -> "Visit":
        return replace(self, client=client, redirect_uri=redirect_uri)

    async def form(self) -> Parameters | None:
        """What the person sent by a form of ours; None for any other form.

        Raises: Malformed.
        """
        form = await form_of(self.request)
        own = self.provider.browsers.is_own_form(
            self.request, self.browser, form.get("form_token", "")
        )
        return form if own else None

    def page(
        self,
        name: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> HTMLResponse:
        return self.provider.page(
            self.request,
            self.browser,
            name,
            {"client": self.client, "action": self.back, **facts},
            status=status,
            redirect_uri=self.redirect_uri,
            headers=headers,
        )

    def problem(self, key: str, *, status: int, detail: str = "") -> HTMLResponse:
        """A page that says what went wrong, with a way to begin again where there is one."""
        return self.page("problem", status=status, key=key, detail=detail)

    def sign_in_page(
        self, problem: str | None = None, *, email: str = "", name: str = "sign_in", **facts: Any
    ) -> HTMLResponse:
        """Where a person shows who they are, to us or to somebody else whom we believe.

        name: of the page that asks them to, if it says more; facts: what it says.
        """
        status = 200 if problem is None else 422
        offered = [
            {"name": each.name, "label": each.label}
            for each in self.provider.logins.offered
            if self.provider.callback in each.redirect_uris
        ]
        known = {**facts, "problem": problem, "email": email, "offered": offered}
        return self.page(name, status=status, site=self._site, **known)

    def second_factor_page(
        self, ticket: str, problem: str | None = None, *, has_passkey: bool
    ) -> HTMLResponse:
        status, site = 200 if problem is None else 422, self._site if has_passkey else None
        return self.page("second_factor", status=status, ticket=ticket, problem=problem, site=site)

    @property
    def _site(self) -> str:
        """Whose passkeys the page asks for."""
        return self.provider.sign_ins.passkeys.site

    def again(self, browser: Browser) -> Response:
        """The same address, for a browser with another cookie; asks nobody to sign in once more."""
        path, _, query = self.back.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        left = [(name, _answered(value) if name == "prompt" else value) for name, value in pairs]
        response = RedirectResponse(f"{path}?{urlencode(left)}" if left else path, 303)
        self.provider.browsers.remember(browser, response)
        return response


def is_shared(form: Parameters) -> bool:
    """Whether a form is about who the person is, and decides nothing."""
    return form.get("step") in _STEPS


async def posted(visit: Visit) -> Parameters | Response:
    """What a page's own form says, {} when none was sent; a Response when that is the answer.

    It is one after a step that all pages share, and for what is no form of ours.
    """
    if visit.request.method != "POST":
        return {}
    try:
        form = await visit.form()
    except Malformed as error:
        return malformed(visit, error)
    if form is None:
        return visit.problem("form_expired", status=403)
    return await stepped(visit, form) or form


async def stepped(visit: Visit, form: Parameters) -> Response | None:
    """What comes after a step that all pages share; None: it is another one."""
    step = _STEPS.get(form.get("step", ""))
    return None if step is None else await braked(visit, step(visit, form))


async def braked(visit: Visit, answer: Awaitable[Response]) -> Response:
    """The answer, or a page for somebody who must wait before they get one."""
    try:
        return await answer
    except Throttled as throttled:
        headers = {"Retry-After": str(throttled.retry_after)}
        return visit.page("throttled", status=429, headers=headers, seconds=throttled.retry_after)
    except Unavailable:
        return visit.problem("busy", status=503)


async def _sign_in(visit: Visit, form: Parameters) -> Response:
    email = form.get("email", "")
    try:
        shown = await visit.provider.sign_ins.with_password(
            email=email, password=form.get("password", "")
        )
    except accounts.SignInFailed:
        return visit.sign_in_page("sign_in_failed", email=email)
    return await entered(visit, shown)


async def _second_factor(visit: Visit, form: Parameters) -> Response:
    ticket = form.get("ticket", "")
    try:
        shown = await visit.provider.sign_ins.with_code(ticket=ticket, code=form.get("code", ""))
    except DomainError:
        has_passkey = "has_passkey" in form
        return visit.second_factor_page(ticket, "code_wrong", has_passkey=has_passkey)
    return await entered(visit, shown)


async def _passkey_request(visit: Visit, form: Parameters) -> Response:
    """For the script of the page: what it asks the browser for."""
    try:
        options = await visit.provider.sign_ins.passkey_request(ticket=form.get("ticket"))
    except DomainError:
        return JSONResponse({}, 422)
    return JSONResponse(options, headers={"Cache-Control": "no-store"})


async def _passkey(visit: Visit, form: Parameters) -> Response:
    ticket = form.get("ticket")
    try:
        shown = await visit.provider.sign_ins.with_passkey(
            credential=_credential(form), ticket=ticket
        )
    except DomainError:
        if ticket is None:
            return visit.sign_in_page("passkey_failed")
        return visit.second_factor_page(ticket, "passkey_failed", has_passkey=True)
    return await entered(visit, shown)


def _credential(form: Parameters) -> Answer:
    """What the script sent; {}, which is no passkey, for whatever can't be read."""
    try:
        answer = orjson.loads(form.get("credential", ""))
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


async def entered(visit: Visit, shown: Proven | Halfway) -> Response:
    """On with whoever has shown enough; the others are asked for more."""
    if isinstance(shown, Halfway):
        has_passkey = SecondFactor.PASSKEY in shown.methods
        return visit.second_factor_page(shown.ticket, has_passkey=has_passkey)
    try:
        async with visit.provider.db.transaction() as session:
            browser = await enter(session, visit.browser, known=shown.known, amr=shown.amr)
    except accounts.SignInFailed:
        return visit.sign_in_page("sign_in_failed")
    return visit.again(browser)


async def _elsewhere(visit: Visit, form: Parameters) -> Response:
    """To an outside provider, from where the person comes back to auth.oauth.outside.

    By a page that goes there at once: no form of ours may lead to other sites than the client's.
    """
    provider = visit.provider
    try:
        started = await provider.logins.start(
            name=form.get("provider", ""), redirect_uri=provider.callback
        )
    except DomainError:
        return visit.sign_in_page("elsewhere_failed")
    kept = {"back": visit.back, "redirect_uri": visit.redirect_uri or ""}
    async with provider.db.transaction() as session:
        text = await accounts.proofs.create(
            session, purpose=ELSEWHERE_PROOF, facts=kept, lifetime=LOGIN_LIFETIME
        )
    go = {"Refresh": f"0; url={started.address}"}
    response = visit.page("elsewhere", headers=go, address=started.address)
    provider.browsers.keep_login(response, f"{started.login.verifier}.{text}")
    return response


async def _leave(visit: Visit, _form: Parameters) -> Response:
    async with visit.provider.db.transaction() as session:
        await leave(session, visit.browser)
    return visit.again(replace(visit.browser, signed_in=None))


_STEPS: Final = {
    SIGN_IN: _sign_in,
    SECOND_FACTOR: _second_factor,
    PASSKEY_REQUEST: _passkey_request,
    PASSKEY: _passkey,
    LEAVE: _leave,
    ELSEWHERE: _elsewhere,
}


def malformed(visit: Visit, error: Malformed) -> Response:
    return visit.problem("bad_request", status=400, detail=str(error))


def _answered(prompt: str) -> str:
    return " ".join(word for word in prompt.split() if word not in ASKS_TO_SIGN_IN)
