"""Revocation (RFC 7009) and introspection (RFC 7662) of tokens that a client holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.util import await_

from auth.keys import LEEWAY_SECONDS, TokenInvalid
from auth.oauth.clients import AUTHENTICATION_METHODS, Client, secret_digest
from auth.oauth.requests import OAuthRequest
from auth.oauth.scopes import written
from auth.rights import PROGRAM
from auth.tokens import Claims, TokenKind
from core.clock import now
from core.identity import Caller, CallerKind
from models.accounts import RefreshToken, Session, User
from models.oauth import EndedToken
from services import audit

if TYPE_CHECKING:
    from auth.oauth.server import Server


@dataclass(frozen=True, slots=True)
class Known:
    """A token of ours, whatever its kind.

    session_id: the sign-in that it is of; None: it is the client's own, and `claims` are its.
    """

    client_id: str | None
    subject: UUID
    session_id: UUID | None
    is_open: bool
    facts: dict[str, Any]
    claims: Claims | None = None

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def is_expired(self) -> bool:
        """What has expired is not known at all."""
        return False

    def is_revoked(self) -> bool:
        return not self.is_open


class _Tokens:
    """How both endpoints find a token. The hint is not needed: the kinds look different.

    Source: RFC 7009, 2.1: a wrong hint must not change the answer.
    """

    server: "Server"

    def check_params(self, request: OAuthRequest, client: Client) -> None:
        """Raises: InvalidRequestError."""
        if "token" not in request.form:
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Known | None:
        return await_(self._found(token_string))

    async def _found(self, text: str) -> Known | None:
        return await self._access_token(text) if "." in text else await self._refresh_token(text)

    async def _access_token(self, text: str) -> Known | None:
        try:
            claims = self.server.tokens.read(text)
        except TokenInvalid:
            return None
        if claims.kind is TokenKind.GUEST or claims.client_id is None:
            return None
        is_own = claims.kind is TokenKind.APP
        is_open = await (self._is_good(claims) if is_own else self._is_open(claims.session_id))
        facts = {
            "token_type": "Bearer",
            "scope": written(sorted(claims.scopes)),
            "exp": int(claims.expires_at.timestamp()),
            "sub": claims.subject.hex,
            "jti": claims.token_id.hex,
            "aud": f"{self.server.settings.base_url}/graphql",
        }
        return Known(claims.client_id, claims.subject, claims.session_id, is_open, facts, claims)

    async def _is_good(self, claims: Claims) -> bool:
        """Whether a client would be let in by a token of its own."""
        named = {"client_id": claims.subject, "token_id": claims.token_id}
        return (await self.server.session.execute(PROGRAM, named)).first() is not None

    async def _is_open(self, session_id: UUID | None) -> bool:
        found = (
            select(Session.id)
            .join(User, User.id == Session.user_id)
            .where(Session.id == session_id, Session.revoked_at.is_(None), User.is_active)
        )
        return (await self.server.session.execute(found)).first() is not None

    async def _refresh_token(self, text: str) -> Known | None:
        found = (
            select(
                Session.id,
                Session.user_id,
                Session.client_id,
                Session.scopes,
                RefreshToken.expires_at,
                RefreshToken.used_at,
            )
            .join(RefreshToken, RefreshToken.session_id == Session.id)
            .where(RefreshToken.token_hash == secret_digest(text))
        )
        row = (await self.server.session.execute(found)).one_or_none()
        if row is None or row.client_id is None:
            return None
        is_good = row.used_at is None and row.expires_at > now()
        facts = {
            "scope": written(row.scopes),
            "exp": _seconds(row.expires_at),
            "sub": row.user_id.hex,
        }
        is_open = is_good and await self._is_open(row.id)
        return Known(row.client_id.hex, row.user_id, row.id, is_open, facts)


class Revocation(_Tokens, RevocationEndpoint):  # type: ignore[misc]  # authlib has no types
    """Ends the whole sign-in that a token belongs to; of a client's own tokens that one alone."""

    CLIENT_AUTH_METHODS = AUTHENTICATION_METHODS

    def revoke_token(self, token: Known, request: OAuthRequest) -> None:
        if token.session_id is not None:
            await_(self._end_sign_in(token, request.client))
        elif token.claims is not None:
            await_(self._end_own(token.claims, request.client))

    async def _end_own(self, claims: Claims, client: Client) -> None:
        expires_at = claims.expires_at + timedelta(seconds=LEEWAY_SECONDS)
        ended = insert(EndedToken).values(token_id=claims.token_id, expires_at=expires_at)
        returned = ended.on_conflict_do_nothing().returning(EndedToken.token_id)
        if (await self.server.session.execute(returned)).first() is None:
            return
        entry = audit.entry(
            "CLIENT_TOKEN_ENDED",
            "OAuthClient",
            client.id,
            after={"jti": claims.token_id.hex},
            actor=Caller(CallerKind.APP, client.id, token_id=claims.token_id),
        )
        await audit.record(self.server.session, entry)
        self.server.changed.add(claims.token_id)

    async def _end_sign_in(self, token: Known, client: Client) -> None:
        ended = update(Session).where(Session.id == token.session_id, Session.revoked_at.is_(None))
        returned = ended.values(revoked_at=now()).returning(Session.id)
        if (await self.server.session.execute(returned)).first() is None:
            return
        entry = audit.entry(
            "SESSION_REVOKED",
            "Session",
            token.session_id,
            after={"clientId": client.client_id},
            actor=Caller(CallerKind.USER, token.subject, token.session_id),
        )
        await audit.record(self.server.session, entry)
        self.server.changed.add(token.subject)


class Introspection(_Tokens, IntrospectionEndpoint):  # type: ignore[misc]  # no types
    """Tells a client that can keep a secret about its own tokens, and of no others."""

    CLIENT_AUTH_METHODS = tuple(method for method in AUTHENTICATION_METHODS if method != "none")

    def check_permission(self, token: Known, client: Client, request: OAuthRequest) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: Known) -> dict[str, Any]:
        return {
            "active": True,
            "iss": self.server.keys.issuer,
            "client_id": token.client_id,
            **token.facts,
        }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
