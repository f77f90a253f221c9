"""authlib's authorization server on our tables: one per transaction.

authlib calls its hooks synchronously. They run in a greenlet (`AsyncSession.run_sync`), where
`waited` brings them the answer of any coroutine, so that the whole request is one transaction and
the services are the same that everybody uses.
"""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar
from uuid import UUID

from authlib.oauth2 import AuthorizationServer, OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc9207 import IssuerParameter
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_

from auth.keys import Keys
from auth.oauth.assertions import SignedAssertion
from auth.oauth.clients import CREDENTIALS, Client, client_id_of
from auth.oauth.devices import DeviceAuthorization, DeviceGrant
from auth.oauth.grants import Challenge, CodeGrant, CredentialsGrant, RefreshGrant
from auth.oauth.identity import IdToken, IdTokenOfCode
from auth.oauth.known import Introspection, Revocation
from auth.oauth.logout import EndSession
from auth.oauth.people import Person
from auth.oauth.requests import Answer, OAuthRequest
from auth.oauth.scopes import OFFLINE, SCOPES, listed, written
from auth.tokens import Tokens
from core.clock import now
from core.identity import Caller, CallerKind
from core.settings import Settings
from models.accounts import Session, User
from models.oauth import OAuthClient
from services import accounts, audit
from services.accounts import SignIn

T = TypeVar("T")

ISSUED: Final = "after_create_authorization_response"  # authlib's name of the hook for `iss`


def waited(coroutine: Coroutine[Any, Any, T]) -> T:
    """The answer of a coroutine, inside `run_sync`."""
    return await_(coroutine)


class Issuer(IssuerParameter):  # type: ignore[misc]  # authlib has no types
    """Every answer says whose it is, against mix-ups. Source: RFC 9207."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def registered(self, server: "Server") -> "Issuer":
        self(server)
        return self

    def get_issuer(self) -> str:
        return self._issuer


class Server(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    """What one request asks of the authorization server.

    changed: subjects, sign-ins and tokens that must be looked at again after the commit.
    """

    def __init__(
        self, session: AsyncSession, settings: Settings, keys: Keys, tokens: Tokens
    ) -> None:
        super().__init__(scopes_supported=SCOPES)
        self.session, self.settings, self.keys, self.tokens = session, settings, keys, tokens
        self.changed: set[UUID] = set()
        self.register_extension(Issuer(keys.issuer).registered)
        self.register_client_auth_method(SignedAssertion.CLIENT_AUTH_METHOD, SignedAssertion(self))
        self.register_grant(CodeGrant, [Challenge(), IdTokenOfCode(keys)])
        self.register_grant(RefreshGrant, [IdToken(keys)])
        self.register_grant(CredentialsGrant)
        self.register_grant(DeviceGrant, [IdToken(keys)])
        for endpoint in (DeviceAuthorization, Revocation, Introspection, EndSession):
            self.register_endpoint(endpoint)

    def query_client(self, client_id: str | None) -> Client | None:
        """The client of a `client_id`, unless it is disabled."""
        client = client_id_of(client_id)
        if client is None:
            return None
        found = select(*OAuthClient.__table__.c).where(
            OAuthClient.id == client, OAuthClient.disabled_at.is_(None)
        )
        row = waited(self.session.execute(found)).mappings().one_or_none()
        return Client(dict(row)) if row else None

    def authenticate_client(
        self, request: OAuthRequest, methods: list[str], endpoint: str = "token"
    ) -> Client:
        """Raises: InvalidClientError, InvalidRequestError."""
        form = request.form
        shown = (
            "authorization" in request.headers,
            "client_secret" in form,
            "client_assertion" in form,
        )
        if sum(shown) > 1:
            raise InvalidRequestError("A client shows who it is in one way only.")
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except ValueError:  # of what is no base64, no text or no JSON
            raise InvalidClientError(status_code=401) from None
        if form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError(status_code=401)
        request.client = client
        return client

    def generate_token(
        self,
        grant_type: str,
        client: Client,
        user: Person | None = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        """Tokens of a new sign-in, or of the client itself.

        Raises: InvalidScopeError.
        """
        if grant_type == CREDENTIALS:
            allowed = client.own_scope(scope)
            if allowed is None:
                raise InvalidScopeError
            return _token(self.tokens.app(client.id, listed(allowed)), allowed)
        assert user is not None, "only a client on its own behalf has no person"
        opened = waited(self._opened(client, user, listed(scope)))
        return self.tokens_of(user, opened, listed(scope), is_offline=include_refresh_token)

    def tokens_of(
        self, person: Person, opened: SignIn, scopes: Sequence[str], *, is_offline: bool
    ) -> dict[str, Any]:
        """The answer of the token endpoint. is_offline: whether the client may renew it."""
        person.session_id = opened.session_id
        access = self.tokens.access(
            opened.user_id,
            opened.session_id,
            client_id=opened.client_id,
            scopes=scopes,
            auth_time=person.auth_time,
        )
        token = _token(access, written(scopes))
        if is_offline and OFFLINE in opened.scopes:
            token["refresh_token"] = opened.refresh_token
        return token

    async def _opened(self, client: Client, person: Person, scopes: Sequence[str]) -> SignIn:
        """A sign-in of the person for the client; on record."""
        opened = await accounts.open_session(
            self.session,
            user_id=person.user_id,
            lifetime=self.settings.refresh_token_lifetime,
            amr=person.amr,
            client_id=client.id,
            scopes=scopes,
        )
        shown_at = update(Session).where(Session.id == opened.session_id)
        await self.session.execute(shown_at.values(auth_time=person.auth_time))
        entry = audit.entry(
            "CLIENT_SIGNED_IN",
            "Session",
            opened.session_id,
            after={"clientId": client.client_id, "scopes": list(scopes)},
            actor=Caller(CallerKind.USER, person.user_id, opened.session_id),
        )
        await audit.record(self.session, entry)
        return opened

    async def person_of(self, session_id: UUID) -> Person | None:
        """Who is signed in in a browser, while they are. Locks the user.

        The user first and the sign-in afterwards, as whoever ends sign-ins does: nothing that is
        opened now can be missed by that.
        """
        whose = select(Session.user_id).where(Session.id == session_id)
        user = select(User.id).where(User.id == whose.scalar_subquery(), User.is_active)
        user_id = await self.session.scalar(user.with_for_update(read=True))
        found = select(Session.auth_time, Session.amr).where(
            Session.id == session_id, Session.revoked_at.is_(None), Session.user_id == user_id
        )
        row = (await self.session.execute(found)).one_or_none()
        return Person(user_id, row.auth_time, row.amr) if user_id and row else None

    def save_token(self, token: dict[str, Any], request: OAuthRequest) -> None:
        """Kept already: a sign-in is opened before its token is made."""

    def send_signal(self, name: str, *args: Any, **facts: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: OAuthRequest) -> OAuthRequest:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def refused(self, request: OAuthRequest, error: OAuth2Error) -> Answer:
        """An error of the authorization endpoint, with `iss` where it goes to the client."""
        answer: Answer = self.handle_error_response(request, error)
        self.execute_hook(ISSUED, answer)
        return answer


def _token(access: tuple[str, datetime], scope: str) -> dict[str, Any]:
    text, ends = access
    return {
        "access_token": text,
        "token_type": "Bearer",
        "expires_in": int((ends - now()).total_seconds()),
        "scope": scope,
    }
