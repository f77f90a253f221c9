"""private_key_jwt: a client signs who it is with a key of its own (RFC 7523)."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.util import await_

from core.clock import now
from models.oauth import ClientAssertion

if TYPE_CHECKING:
    from auth.oauth.clients import Client
    from auth.oauth.server import Server

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
LONGEST: Final = timedelta(hours=1)  # as long as we remember that one was used


class SignedAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # authlib has no types
    """Good once, for us, for a short time."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, server: "Server") -> None:
        super().__init__(leeway=10)
        self._server = server

    def __call__(self, query_client: Callable[[str], "Client | None"], request: Any) -> Any:
        """Raises: InvalidClientError; also for what authlib can't say in an error."""
        try:
            return super().__call__(query_client, request)
        except (JoseError, ValueError, TypeError):
            raise InvalidClientError(status_code=401) from None

    def get_audiences(self) -> list[str]:
        issuer = self._server.keys.issuer
        return [issuer, f"{issuer}/oauth/token"]

    def resolve_client_public_key(self, client: "Client") -> KeySet:
        if client.row["jwks"] is None:
            raise InvalidClientError(status_code=401)
        return KeySet.import_key_set(client.row["jwks"])

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Never with a secret as the key: a public key is known to everybody."""
        token = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
        self.verify_claims(token.claims)
        claims: dict[str, Any] = token.claims
        return claims

    def validate_jti(self, claims: dict[str, Any], jti: str) -> bool:
        """False when it was used before; kept in the transaction of what it is used for."""
        ends = datetime.fromtimestamp(claims["exp"], tz=UTC) + timedelta(seconds=self.leeway)
        if ends > now() + LONGEST:
            return False
        row = {
            "client_id": UUID(hex=claims["sub"]),
            "jti_hash": hashlib.sha256(str(jti).encode()).digest(),
            "expires_at": ends,
        }
        used = insert(ClientAssertion).values(row).on_conflict_do_nothing()
        done = await_(self._server.session.execute(used.returning(ClientAssertion.client_id)))
        return done.first() is not None
