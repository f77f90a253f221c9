"""Our JSON Web Tokens: access tokens as RFC 9068 has them, and tokens of guests."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from auth.keys import LEEWAY_SECONDS, Keys, TokenInvalid
from core.clock import now
from core.ids import new_id
from core.settings import Settings

__all__ = ["OWN_CLIENT", "Claims", "TokenInvalid", "TokenKind", "Tokens", "seconds_left"]

ACCESS_TYPE: Final = "at+jwt"
GUEST_TYPE: Final = "guest+jwt"
OWN_CLIENT: Final = "marketfront"  # our own apps, which sign in without OAuth2


class TokenKind(StrEnum):
    """APP: an OAuth2 client on its own behalf."""

    ACCESS = "access"
    GUEST = "guest"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says.

    subject: the user, guest or client. session_id: the sign-in; None for guests and clients.
    client_id: the OAuth2 client it was given to; None for our own apps and guests.
    """

    kind: TokenKind
    subject: UUID
    session_id: UUID | None
    expires_at: datetime
    token_id: UUID
    client_id: str | None = None
    scopes: frozenset[str] = frozenset()


class Tokens:
    """Makes and reads the tokens of this shop."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        self.keys = keys
        self._audience = f"{settings.base_url}/graphql"
        self._access, self._guest = settings.access_token_lifetime, settings.guest_token_lifetime

    def access(
        self,
        user_id: UUID,
        session_id: UUID,
        *,
        client_id: UUID | str | None = None,
        scopes: Iterable[str] = (),
        auth_time: datetime | None = None,
    ) -> tuple[str, datetime]:
        """An access token of a sign-in, and when it ends.

        auth_time: when the user last showed who they are.
        """
        more = {"auth_time": int(auth_time.timestamp())} if auth_time else {}
        return self._signed(
            ACCESS_TYPE,
            user_id,
            self._access,
            sid=session_id.hex,
            client_id=_text(client_id or OWN_CLIENT),
            **_scope(scopes),
            **more,
        )

    def app(self, client_id: UUID, scopes: Iterable[str]) -> tuple[str, datetime]:
        """An access token of an OAuth2 client on its own behalf, and when it ends."""
        named = {"client_id": client_id.hex, **_scope(scopes)}
        return self._signed(ACCESS_TYPE, client_id, self._access, **named)

    def guest(self, guest_id: UUID) -> tuple[str, datetime]:
        """A guest's token, and when it ends."""
        return self._signed(GUEST_TYPE, guest_id, self._guest)

    def _signed(
        self, typ: str, subject: UUID, lifetime: timedelta, **more: Any
    ) -> tuple[str, datetime]:
        issued = now().replace(microsecond=0)  # as exact as the claims
        ends = issued + lifetime
        claims = {
            "aud": self._audience,
            "sub": subject.hex,
            "iat": int(issued.timestamp()),
            "exp": int(ends.timestamp()),
            "jti": new_id().hex,
            **more,
        }
        return self.keys.sign(claims, typ), ends

    def read(self, text: str) -> Claims:
        """Raises: TokenInvalid; auth.keys.KeyUnknown; core.errors.Unavailable without keys."""
        signed = self.keys.opened(text)
        if signed.claims["aud"] not in (self._audience, [self._audience]):
            raise TokenInvalid
        try:
            return _claims(signed.typ, signed.claims)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            raise TokenInvalid from None


def seconds_left(claims: Claims) -> float:
    """How long a token that was read a moment ago stays good."""
    return (claims.expires_at - now()).total_seconds() + LEEWAY_SECONDS


def _claims(typ: str, claims: dict[str, Any]) -> Claims:
    subject, session_id = UUID(hex=claims["sub"]), None
    client_id, scopes = None, frozenset[str]()
    if typ == GUEST_TYPE:
        kind = TokenKind.GUEST
    elif typ == ACCESS_TYPE:
        client_id, scopes = claims["client_id"], frozenset(claims.get("scope", "").split())
        if not isinstance(client_id, str):
            raise TokenInvalid
        kind = TokenKind.APP if client_id == subject.hex else TokenKind.ACCESS
        session_id = UUID(hex=claims["sid"]) if kind is TokenKind.ACCESS else None
    else:
        raise TokenInvalid
    return Claims(
        kind=kind,
        subject=subject,
        session_id=session_id,
        expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC),
        token_id=UUID(hex=claims["jti"]),
        client_id=None if client_id == OWN_CLIENT else client_id,
        scopes=scopes,
    )


def _scope(scopes: Iterable[str]) -> dict[str, str]:
    text = " ".join(scopes)
    return {"scope": text} if text else {}


def _text(client_id: UUID | str) -> str:
    return client_id.hex if isinstance(client_id, UUID) else client_id
