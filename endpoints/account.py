"""`/account/…`: where the links in letters lead, and who has forgotten a password.

Links do nothing before a button is pressed: mail programs and scanners open them by themselves, and
would use up a link that acted at once. No cookie is read, so there is nothing that another site
could make a browser do: who knows the token may use it. The link that opens an account, and
the one that gives it another address, need the password besides.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.brakes import Throttled
from core.db import FAULTS
from core.errors import DomainError, Unavailable
from core.identity import ANONYMOUS
from endpoints.account_texts import TEXTS
from endpoints.templates import language_of, page
from resolvers import accounts, credentials
from resolvers.context import RequestContext, Shop

MAX_FIELDS: Final = 4
AWAY: Final[tuple[type[Exception], ...]] = (*FAULTS, Unavailable)
FIELDS: Final = ("token", "password", "email")
Given = dict[str, str]  # what the form's fields have; "" where there is none
Act = Callable[[RequestContext, Given], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class FormPage:
    """kind: of its texts; act: what its button does.

    asks: what is filled in, if anything: an e-mail address, a new password, the one chosen at
    registration, or the account's.
    """

    kind: str
    act: Act
    asks: str = ""

    async def __call__(self, request: Request) -> Response:
        language = language_of(request)
        if request.method != "POST":
            return self._page(language, request.query_params.get("token", ""))
        async with request.form(max_files=0, max_fields=MAX_FIELDS) as form:
            given = {name: str(form.get(name, "")) for name in FIELDS}
        shop: Shop = request.app.state.shop
        currency = shop.settings.shop_currency
        ctx = RequestContext(shop, ANONYMOUS, language=language, currency=currency)
        try:
            await self.act(ctx, given)
        except DomainError as refusal:
            problem = type(refusal).__name__
            return self._page(language, given["token"], problem=problem, status=422)
        except Throttled as braked:
            answer = self._page(language, given["token"], problem="Throttled", status=429)
            answer.headers["retry-after"] = str(braked.retry_after)
            return answer
        except AWAY:
            return self._page(language, given["token"], problem="Unavailable", status=503)
        return page("done.html", language=language, texts=TEXTS[language], kind=self.kind)

    def _page(self, language: str, token: str, *, problem: str = "", status: int = 200) -> Response:
        texts = TEXTS[language]
        return page(
            "form.html",
            status=status,
            language=language,
            texts=texts,
            kind=self.kind,
            token=token,
            problem=problem and self._sentence(problem, texts["problems"]),
            is_over=problem == "LinkInvalid",
            asks=self.asks,
        )

    def _sentence(self, problem: str, sentences: dict[str, str]) -> str:
        """The one for this page, if it has one of its own."""
        return sentences.get(f"{problem} {self.kind}") or sentences[problem]


async def _confirm(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.confirm(ctx, token=given["token"])


async def _open(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await accounts.confirm_on_page(ctx, token=given["token"], password=given["password"])


async def _reset(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.reset(ctx, token=given["token"], new_password=given["password"])


async def _change(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.email_change_confirm(
        ctx, token=given["token"], password=given["password"]
    )


async def _undo(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.email_change_undo(ctx, token=given["token"])


async def _forgot(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.reset_request(ctx, email=given["email"])


async def _again(ctx: RequestContext, given: Given) -> dict[str, Any]:
    return await credentials.confirmation_request(ctx, email=given["email"])


def _route(path: str, shown: FormPage) -> Route:
    async def answer(request: Request) -> Response:
        return await shown(request)

    return Route(path, answer, methods=["GET", "POST"])


ROUTES: Final = (
    _route("/account/register", FormPage("register", _open, asks="chosen")),
    _route("/account/confirm", FormPage("confirm", _confirm)),
    _route("/account/confirm/again", FormPage("again", _again, asks="email")),
    _route("/account/reset", FormPage("reset", _reset, asks="password")),
    _route("/account/forgot", FormPage("forgot", _forgot, asks="email")),
    _route("/account/email", FormPage("email", _change, asks="current")),
    _route("/account/email/undo", FormPage("undo", _undo)),
)
