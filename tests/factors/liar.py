"""A provider that answers as a test wants: honest unless told otherwise."""

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.listening import listening

NONCE, CLIENT = "a nonce of ours", "shop"


@dataclass
class Liar:
    """claims, header, key: of the next id_token; answers: instead of the usual ones, by path."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    published: list[Any] = field(default_factory=list)
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign_with(self, key: Any, alg: str, kid: str | None = "one") -> None:
        self.key, self.header = key, {"alg": alg, **({"kid": kid} if kid else {})}

    async def __call__(self, request: Request) -> Response:
        path = request.url.path
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]()
        return JSONResponse(getattr(self, "_" + path.rsplit("/", 1)[-1].replace("-", "_"))())

    def _openid_configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            **self.metadata,
        }

    def _jwks(self) -> dict[str, Any]:
        keys = self.published or [self.key]
        return {"keys": [key.as_dict(private=False) for key in keys]}

    def _token(self) -> dict[str, Any]:
        return {"access_token": "an access token", "id_token": self.id_token()}

    def _userinfo(self) -> dict[str, Any]:
        return {"sub": "alice", "email": "alice@example.org", "email_verified": True}

    def id_token(self) -> str:
        claims = {
            "iss": self.issuer,
            "sub": "alice",
            "aud": CLIENT,
            "nonce": NONCE,
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            **self.claims,
        }
        given = {name: value for name, value in claims.items() if value is not None}
        algorithm = self.header["alg"]
        text: str = jwt.encode(self.header, given, self.key, algorithms=[algorithm])
        return text


@contextlib.asynccontextmanager
async def lying() -> AsyncIterator[Liar]:
    liar = Liar()
    app = Starlette(routes=[Route("/{path:path}", liar.__call__, methods=["GET", "POST"])])
    async with listening(app) as address:
        liar.issuer = f"http://{address}"
        yield liar


def elsewhere() -> Response:
    return RedirectResponse("http://127.0.0.1:1/secret-page")


def endless() -> Response:
    return Response(b'{"a": "' + b"x" * 300_000 + b'"}', media_type="application/json")


def other_keys() -> dict[str, Any]:
    """Keys that must not sign: by name."""
    return {
        "secret": OctKey.import_key("a secret that is shared, long enough for HS256"),
        "stranger": RSAKey.generate_key(2048, {"kid": "one"}),
        "curve": ECKey.generate_key("P-256", {"kid": "one"}),
    }
