"""The authorization server of one process: what its routes share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import HTMLResponse

from auth.brakes import Brakes
from auth.callers import forget_caller
from auth.keys import Keys
from auth.oauth.browsers import Browser, Browsers
from auth.oauth.pages import language_of, rendered
from auth.oauth.requests import OAuthRequest, Parameters
from auth.oauth.server import Server
from auth.providers import Logins
from auth.sign_in import SignIns
from auth.tokens import Tokens
from core.db import Database, Reader
from core.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Provider:
    """Made by app.py; found in the application's state as `oauth`."""

    settings: Settings
    db: Database
    reader: Reader
    keys: Keys
    tokens: Tokens
    sign_ins: SignIns
    logins: Logins
    brakes: Brakes
    browsers: Browsers

    @staticmethod
    def of(request: Request) -> "Provider":
        provider: Provider = request.app.state.oauth
        return provider

    @property
    def callback(self) -> str:
        """Where outside providers send people back to; offered are those that are set to it."""
        return f"{self.settings.base_url}/oauth/callback"

    def asked(self, request: Request, parameters: Parameters) -> OAuthRequest:
        """A request as authlib reads it, at the address that we are known by.

        Raises: InsecureTransportError when that is neither https nor this machine.
        """
        uri = f"{self.settings.base_url}{request.url.path}"
        return OAuthRequest(request.method, uri, parameters, request.headers)

    async def serve(self, ask: Callable[[Server], T]) -> T:
        """What the authorization server says, in one transaction.

        A refusal that it answers with is kept too: a code that came twice has ended a sign-in.
        """
        async with self.db.transaction() as session:
            server = Server(session, self.settings, self.keys, self.tokens)
            answer: T = await session.run_sync(lambda _: ask(server))
        for subject in server.changed:
            forget_caller(subject)
        return answer

    def page(
        self,
        request: Request,
        browser: Browser | None,
        name: str,
        facts: Mapping[str, Any],
        *,
        status: int = 200,
        redirect_uri: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """A page in the person's language."""
        language = language_of(
            request.query_params.get("ui_locales", ""), request.headers.get("accept-language", "")
        )
        more = {
            "shop": self.settings.shop_name,
            "action": request.url.path,
            "form_token": self.browsers.form_token(browser) if browser else "",
            "signed_in": browser.signed_in if browser else None,
            "site": None,
            **facts,
        }
        response = rendered(
            name, language, more, status=status, redirect_uri=redirect_uri, headers=headers
        )
        if browser is not None and browser.is_new:
            self.browsers.remember(browser, response)
        return response
