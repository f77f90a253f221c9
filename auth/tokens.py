"""Our JSON Web Tokens: access tokens of sign-ins, and tokens of guests.

Algorithm, issuer and type are fixed: what a token says of itself never chooses how it is checked.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from core.clock import now
from core.errors import Shown
from core.settings import Settings

ALGORITHM: Final = "HS256"
LEEWAY_SECONDS: Final = 5
MAX_CHARACTERS: Final = 4096


class TokenKind(StrEnum):
    ACCESS = "access"
    GUEST = "guest"


class TokenInvalid(Shown):
    """Malformed, forged, expired, or not one of ours; which of these is nobody's business."""

    code = "UNAUTHENTICATED"

    def __init__(self) -> None:
        super().__init__("The token is not valid, or not any more; leave it out or get a new one.")


@dataclass(frozen=True, slots=True)
class Claims:
    """subject: the user or guest. session_id: the sign-in; None for guests."""

    kind: TokenKind
    subject: UUID
    session_id: UUID | None
    expires_at: datetime


class Tokens:
    """Signs and reads tokens with one secret."""

    def __init__(self, settings: Settings) -> None:
        """Raises: ValueError without a secret."""
        secret = settings.token_secret.get_secret_value()
        if not secret:
            raise ValueError("TOKEN_SECRET is empty: anybody could sign tokens")
        # A key of its own, since the secret signs other things too.
        self._key = OctKey.import_key(hmac.digest(secret.encode(), b"access tokens", "sha256"))
        self._issuer = settings.token_issuer
        self._access, self._guest = settings.access_token_lifetime, settings.guest_token_lifetime

    def access(self, user_id: UUID, session_id: UUID) -> tuple[str, datetime]:
        """An access token of a sign-in, and when it ends."""
        return self._signed(TokenKind.ACCESS, user_id, self._access, sid=session_id.hex)

    def guest(self, guest_id: UUID) -> tuple[str, datetime]:
        """A guest's token, and when it ends."""
        return self._signed(TokenKind.GUEST, guest_id, self._guest)

    def _signed(
        self, kind: TokenKind, subject: UUID, lifetime: timedelta, **more: str
    ) -> tuple[str, datetime]:
        issued = now().replace(microsecond=0)  # as exact as the claims
        ends = issued + lifetime
        claims = {
            "iss": self._issuer,
            "sub": subject.hex,
            "iat": int(issued.timestamp()),
            "exp": int(ends.timestamp()),
            **more,
        }
        header = {"alg": ALGORITHM, "typ": f"{kind}+jwt"}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]), ends

    def read(self, text: str) -> Claims:
        """Raises: TokenInvalid."""
        if len(text) > MAX_CHARACTERS:
            raise TokenInvalid
        try:
            token = jwt.decode(text, self._key, algorithms=[ALGORITHM])
            _registry(self._issuer).validate(token.claims)
            return _claims(token.header, token.claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            raise TokenInvalid from None


def seconds_left(claims: Claims) -> float:
    """How long a token that was read a moment ago stays good."""
    return (claims.expires_at - now()).total_seconds() + LEEWAY_SECONDS


def _registry(issuer: str) -> jwt.JWTClaimsRegistry:
    """Made for each token: it takes the time when it is made."""
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        exp={"essential": True},
    )


def _claims(header: dict[str, Any], claims: dict[str, Any]) -> Claims:
    kind = TokenKind(header["typ"].removesuffix("+jwt"))
    return Claims(
        kind=kind,
        subject=UUID(hex=claims["sub"]),
        session_id=UUID(hex=claims["sid"]) if kind is TokenKind.ACCESS else None,
        expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC),
    )
