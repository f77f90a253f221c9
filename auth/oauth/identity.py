"""ID tokens: who signed in, for the client that asked; signed by the keys of our access tokens."""

from typing import TYPE_CHECKING, Any, Final

from authlib.oidc.core import OpenIDCode, OpenIDToken
from authlib.oidc.core.util import create_half_hash

from auth.keys import ALGORITHM, Keys
from auth.oauth.requests import OAuthRequest
from core.clock import now

if TYPE_CHECKING:
    from auth.oauth.people import Person

ID_TOKEN_TYPE: Final = "JWT"  # noqa: S105 - a type, no secret
LIFETIME_SECONDS: Final = 600


class _Ours:
    """How an ID token of ours is made; whatever else there is to know, userinfo tells."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self.require_nonce = False  # PKCE binds a code to its request as well

    def encode_id_token(self, token: dict[str, Any], request: OAuthRequest) -> str:
        person: Person = request.user
        issued = int(now().timestamp())
        claims = {
            "sub": person.user_id.hex,
            "aud": request.client.client_id,
            "iat": issued,
            "exp": issued + LIFETIME_SECONDS,
            "auth_time": int(person.auth_time.timestamp()),
            "amr": list(person.amr),
            "at_hash": create_half_hash(token["access_token"], ALGORITHM).decode(),
        }
        if person.session_id is not None:
            claims["sid"] = person.session_id.hex
        if request.authorization_code is not None:
            nonce = request.authorization_code.get_nonce()
            claims |= {"nonce": nonce} if nonce else {}
        return self._keys.sign(claims, ID_TOKEN_TYPE)


class IdToken(_Ours, OpenIDToken):  # type: ignore[misc]  # authlib has no types
    """Of a device, or of a sign-in that is renewed."""


class IdTokenOfCode(_Ours, OpenIDCode):  # type: ignore[misc]  # authlib has no types
    """Of a code, with the nonce of the request it came from."""

    def exists_nonce(self, nonce: str, request: OAuthRequest) -> bool:
        """Codes are good once; a page that is loaded again is no attack."""
        return False
