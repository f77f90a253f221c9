"""The grants that need no page: code, refresh token, a client's own credentials."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from sqlalchemy import insert, select, update
from sqlalchemy.util import await_

from auth.oauth.clients import AUTHENTICATION_METHODS, Client, secret_digest
from auth.oauth.people import Person
from auth.oauth.requests import OAuthRequest
from auth.oauth.scopes import listed, written
from core.clock import now
from models.accounts import RefreshToken, Session
from models.oauth import AuthorizationCode
from services import accounts, audit

if TYPE_CHECKING:
    from auth.oauth.server import Server

CODE_LIFETIME: Final = timedelta(seconds=60)
CODE_BYTES: Final = 32
MAX_NONCE: Final = 512


class Challenge(CodeChallenge):  # type: ignore[misc]  # authlib has no types
    """PKCE from every client, and by a hash.

    authlib would take `plain`, and confidential clients without a challenge: a downgrade.
    Source: RFC 9700, 2.1.1.
    """

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        data = grant.request.payload.data
        if "code_challenge" not in data:
            raise InvalidRequestError("Missing 'code_challenge'")
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("'code_challenge_method' must be S256")
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge(self, authorization_code: "Code") -> str:
        return authorization_code.code_challenge

    def get_authorization_code_challenge_method(self, authorization_code: "Code") -> str:
        return "S256"


class Code:
    """A code that was taken: nobody else gets it."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.code_challenge: str = row.code_challenge

    def get_redirect_uri(self) -> str:
        return str(self.row.redirect_uri)

    def get_scope(self) -> str:
        return written(self.row.scopes)

    def get_nonce(self) -> str | None:
        nonce: str | None = self.row.nonce
        return nonce


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # authlib has no types
    """Codes are good once, for a minute, for the client and the sign-in they were made for."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS
    server: "Server"
    request: OAuthRequest

    def validate_authorization_request(self) -> str:
        """Raises: OAuth2Error; with the client's address once that is known to be its own."""
        redirect_uri: str = super().validate_authorization_request()
        try:
            _check_extras(self.request)
        except InvalidRequestError as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    @staticmethod
    def validate_authorization_redirect_uri(request: OAuthRequest, client: Client) -> str:
        """Raises: InvalidRequestError, which does not show on our page what a stranger wrote."""
        redirect_uri = request.payload.redirect_uri
        if redirect_uri is None or not client.check_redirect_uri(redirect_uri):
            raise InvalidRequestError("'redirect_uri' is not one that the client registered.")
        return str(redirect_uri)

    def generate_authorization_code(self) -> str:
        return secrets.token_urlsafe(CODE_BYTES)

    def save_authorization_code(self, code: str, request: OAuthRequest) -> None:
        """The person is in `request.user`; their browser's sign-in in its session_id."""
        data, person = request.payload.data, request.user
        row = {
            "code_hash": secret_digest(code),
            "client_id": request.client.id,
            "user_id": person.user_id,
            "redirect_uri": data["redirect_uri"],
            "scopes": listed(request.scope),
            "nonce": data.get("nonce"),
            "code_challenge": data["code_challenge"],
            "browser_session_id": person.session_id,
            "expires_at": now() + CODE_LIFETIME,
        }
        await_(self.server.session.execute(insert(AuthorizationCode).values(row)))

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Take the code. Of many at once with the same code one gets it; the others are refused.

        A code that fails a later check is used up as well: nobody guesses twice.
        """
        moment = now()
        taken = (
            update(AuthorizationCode)
            .where(
                AuthorizationCode.code_hash == secret_digest(code),
                AuthorizationCode.client_id == client.id,
                AuthorizationCode.used_at.is_(None),
                AuthorizationCode.expires_at > moment,
            )
            .values(used_at=moment)
            .returning(*AuthorizationCode.__table__.c)
        )
        row = await_(self.server.session.execute(taken)).one_or_none()
        if row is None:
            await_(self._end_if_replayed(code, client))
            return None
        return Code(row)

    def authenticate_user(self, authorization_code: Code) -> Person | None:
        return await_(self.server.person_of(authorization_code.row.browser_session_id))

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is taken already; kept is what it was changed for."""
        changed = update(AuthorizationCode).where(
            AuthorizationCode.code_hash == authorization_code.row.code_hash
        )
        session_id = self.request.user.session_id
        await_(self.server.session.execute(changed.values(session_id=session_id)))

    async def _end_if_replayed(self, code: str, client: Client) -> None:
        """A second use of a code ends what the first one got. Source: RFC 6749, 4.1.2."""
        session = self.server.session
        used = select(AuthorizationCode.session_id, AuthorizationCode.user_id).where(
            AuthorizationCode.code_hash == secret_digest(code),
            AuthorizationCode.client_id == client.id,
            AuthorizationCode.session_id.is_not(None),
        )
        row = (await session.execute(used)).one_or_none()
        if row is None:
            return
        ended = update(Session).where(Session.id == row.session_id, Session.revoked_at.is_(None))
        await session.execute(ended.values(revoked_at=now()))
        entry = audit.entry(
            "AUTHORIZATION_CODE_REPLAYED",
            "Session",
            row.session_id,
            after={"clientId": client.client_id, "userId": row.user_id.hex},
        )
        await audit.record(session, entry)
        self.server.changed.add(row.user_id)


class Family:
    """A refresh token as it was found: whose it is, and for what."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def check_client(self, client: Client) -> bool:
        return bool(self.row.client_id == client.id)

    def get_scope(self) -> str:
        return written(self.row.scopes)


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]  # authlib has no types
    """Each refresh token is good once; `services.accounts.refresh` takes it and gives the next."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True
    server: "Server"
    request: OAuthRequest

    def authenticate_refresh_token(self, refresh_token: str) -> Family | None:
        """Looks only: a request that is refused for its scope or client uses nothing up."""
        found = (
            select(
                Session.id,
                Session.user_id,
                Session.client_id,
                Session.scopes,
                Session.auth_time,
                Session.amr,
            )
            .join(RefreshToken, RefreshToken.session_id == Session.id)
            .where(RefreshToken.token_hash == secret_digest(refresh_token))
        )
        row = await_(self.server.session.execute(found)).one_or_none()
        return Family(row) if row else None

    def authenticate_user(self, refresh_token: Family) -> Person:
        row = refresh_token.row
        return Person(row.user_id, row.auth_time, row.amr)

    def issue_token(self, user: Person, refresh_token: Family) -> dict[str, Any]:
        """Raises: InvalidGrantError; the transaction is kept, for a reuse has ended the family."""
        refreshed = await_(
            accounts.refresh(
                self.server.session,
                refresh_token=self.request.form["refresh_token"],
                lifetime=self.server.settings.refresh_token_lifetime,
                ended=self.server.changed,
                client_id=self.request.client.id,
            )
        )
        if refreshed is None:
            raise InvalidGrantError
        scopes = listed(self.request.payload.scope) or refreshed.scopes
        return self.server.tokens_of(user, refreshed, scopes, is_offline=True)

    def revoke_old_credential(self, refresh_token: Family) -> None:
        """It was used up when the next one was made."""


class CredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]  # no types
    """A program on its own behalf; never a public client, which anybody could be."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(
        method for method in AUTHENTICATION_METHODS if method != "none"
    )


def _check_extras(request: OAuthRequest) -> None:
    """Raises: InvalidRequestError for what we would have to ignore, though it matters."""
    data = request.payload.data
    if data.get("response_mode", "query") != "query":
        raise InvalidRequestError("'response_mode' must be query")
    if len(data.get("nonce", "")) > MAX_NONCE:
        raise InvalidRequestError(f"'nonce' has at most {MAX_NONCE} characters")
    for name in ("request", "request_uri"):
        if name in data:
            raise InvalidRequestError(error=f"{name}_not_supported")
