"""Logout that a client begins: what it asks for (OpenID Connect RP-Initiated Logout 1.0)."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from sqlalchemy import update
from sqlalchemy.util import await_

from auth.keys import ALGORITHM
from core.clock import now
from models.accounts import Session

if TYPE_CHECKING:
    from auth.oauth.server import Server


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # authlib has no types
    """Ends the sign-in that the client's ID token tells of; the browser's own ends on its page."""

    server: "Server"

    def get_server_jwks(self) -> dict[str, Any]:
        return self.server.keys.jwks()

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        if is_from_client(end_session_request):
            await_(self._end(end_session_request))

    async def _end(self, asked: EndSessionRequest) -> None:
        claims = asked.id_token_claims
        user_id, session_id = UUID(hex=claims["sub"]), claims.get("sid", "")
        ended = update(Session).where(
            Session.id == (UUID(hex=session_id) if session_id else None),
            Session.user_id == user_id,
            Session.client_id == asked.client.id,
            Session.revoked_at.is_(None),
        )
        await self.server.session.execute(ended.values(revoked_at=now()))
        self.server.changed.add(user_id)


def is_from_client(asked: EndSessionRequest) -> bool:
    """Whether a client of ours shows an ID token that we made for it, and for nobody else."""
    claims = asked.id_token_claims
    return bool(asked.client and claims and claims.get("aud") == asked.client.client_id)
