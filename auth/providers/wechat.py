"""WeChat's flavour of OAuth2: its own names, errors with status 200, no id_token, no e-mail."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from auth.providers.flow import Begun
from auth.providers.outgoing import Outgoing, ProviderFault
from core.login_providers import LoginProvider
from services.factors import Outside


class WeChat:
    """One app registered there.

    A person is known by the id that is the same for all apps of one owner; without it, by the one
    of this app.
    """

    def __init__(self, settings: LoginProvider, outgoing: Outgoing) -> None:
        self.settings, self._outgoing = settings, outgoing
        self._host = urlsplit(settings.token_endpoint).netloc

    async def address(self, begun: Begun, *, state: str) -> str:
        settings = self.settings
        query = {
            settings.names.client_id: settings.client_id,
            "redirect_uri": begun.redirect_uri,
            "response_type": "code",
            "scope": ",".join(settings.wanted_scopes),
            "state": state,
        }
        page = f"{settings.authorization_endpoint}?{urlencode(query)}"
        return f"{page}#{settings.authorization_fragment}"

    async def person(self, begun: Begun, *, code: str, issuer: str | None) -> Outside:
        del begun, issuer  # it knows neither PKCE nor a nonce, and does not say who it is
        settings, names = self.settings, self.settings.names
        tokens = await self._asked(
            settings.token_endpoint,
            {
                names.client_id: settings.client_id,
                names.client_secret: settings.client_secret.get_secret_value(),
                "code": code,
                "grant_type": "authorization_code",
            },
        )
        person_of_app = _text(tokens, names.person_of_app)
        profile = await self._asked(
            settings.userinfo_endpoint,
            {
                "access_token": _text(tokens, "access_token"),
                names.person_of_app: person_of_app,
                **settings.userinfo_parameters,
            },
        )
        if profile.get(names.person_of_app) != person_of_app:
            raise ProviderFault("its profile is of somebody else")
        person = profile.get(names.person) or tokens.get(names.person)
        issued_for = self._host if person else f"{self._host}/{settings.client_id}"
        return Outside.checked(
            provider=settings.name,
            issuer=issued_for,
            subject=person or person_of_app,
            first_name=profile.get(names.nickname),
        )

    async def _asked(self, url: str, query: Mapping[str, str]) -> dict[str, Any]:
        answer = await self._outgoing.get(url, query=query)
        error = answer.get(self.settings.names.error)
        if error:
            raise ProviderFault(f"it answers with error {error if isinstance(error, int) else '?'}")
        return answer


def _text(answer: Mapping[str, Any], name: str) -> str:
    """Raises: ProviderFault."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise ProviderFault(f"its answer has no {name}")
    return value
