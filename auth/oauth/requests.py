"""Requests and answers between Starlette and authlib, which knows no framework.

authlib is synchronous: whatever it may read of a request is read before it is called.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

MAX_PARAMETERS: Final = 40
MAX_CHARACTERS: Final = 4096  # of one parameter; an id_token_hint is the longest
FORM: Final = "application/x-www-form-urlencoded"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NUL: Final = re.compile(r"\x00")  # a password may have all others
# What authlib may quote in an error. Source: RFC 6749, appendix A.7.
_QUOTABLE: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
_QUOTED: Final = ("client_id", "redirect_uri", "response_type", "grant_type", "scope")

Parameters = Mapping[str, str]


class Malformed(Exception):
    """The parameters can't be read; why, for the client's developer."""


class Payload(OAuth2Payload):  # type: ignore[misc]  # authlib has no types
    """The parameters, each of which came once."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters

    @property
    def data(self) -> Parameters:
        return self._parameters

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        return {name: [value] for name, value in self._parameters.items()}


class OAuthRequest(OAuth2Request):  # type: ignore[misc]  # authlib has no types
    """What authlib reads.

    The address is the one we are known by, never the Host header: nobody else can say where we are.
    """

    def __init__(
        self, method: str, uri: str, parameters: Parameters, headers: Mapping[str, str]
    ) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = Payload(parameters)

    @property
    def args(self) -> Parameters:
        data: Parameters = self.payload.data
        return data

    @property
    def form(self) -> Parameters:
        data: Parameters = self.payload.data
        return data


@dataclass
class Answer:
    """What authlib wants to answer; `location` is where extensions look for the redirect."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str | None:
        return self.headers.get("Location")

    @location.setter
    def location(self, value: str) -> None:
        self.headers["Location"] = value

    def response(self) -> Response:
        """303, not 302 or 307: the browser must not send our form on. Source: RFC 9700, 4.12."""
        if self.location is not None:
            return RedirectResponse(self.location, 303, headers={"Cache-Control": "no-store"})
        return JSONResponse(self.body, self.status, headers=self.headers)


def query_of(request: Request) -> Parameters:
    """Raises: Malformed."""
    return checked(parse_qsl(request.url.query, keep_blank_values=True))


async def form_of(request: Request) -> Parameters:
    """The parameters of a form's body; those of the address are not looked at.

    Raises: Malformed.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Malformed(f"The body must be {FORM}.")
    try:
        text = (await request.body()).decode()
    except UnicodeDecodeError:
        raise Malformed("The body must be UTF-8.") from None
    return checked(parse_qsl(text, keep_blank_values=True))


def checked(pairs: Iterable[tuple[str, str]]) -> Parameters:
    """One value per name, and none that could not be kept or quoted. Empty ones count as left out.

    Source: RFC 6749, 3.1 and 3.2.

    Raises: Malformed.
    """
    parameters: dict[str, str] = {}
    for number, (name, value) in enumerate(pairs):
        if number >= MAX_PARAMETERS or len(value) > MAX_CHARACTERS:
            raise Malformed("There are too many parameters, or one is too long.")
        if name in parameters:
            raise Malformed("A parameter came more than once.")
        if (_NUL if name == "password" else _CONTROL).search(value):
            raise Malformed("A parameter has control characters.")
        if name in _QUOTED and not _QUOTABLE.fullmatch(value):
            raise Malformed(f"The parameter {name} has characters that it must not have.")
        if value:
            parameters[name] = value
    return parameters


def invalid_request(error: Malformed) -> Answer:
    """As authlib would say it."""
    status, body, headers = InvalidRequestError(str(error))()
    return Answer(status, body, dict(headers))
