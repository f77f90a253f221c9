"""The device grant (RFC 8628): a terminal shows a code, a person confirms it in a browser."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc8628 import DeviceAuthorizationEndpoint, DeviceCodeGrant
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.util import await_

from auth.oauth.clients import AUTHENTICATION_METHODS, DEVICE, Client, secret_digest
from auth.oauth.requests import OAuthRequest
from auth.oauth.scopes import listed, written
from core.clock import now
from models import oauth as tables

if TYPE_CHECKING:
    from auth.oauth.people import Person
    from auth.oauth.server import Server

PATH: Final = "/oauth/device"
LIFETIME: Final = timedelta(minutes=10)
INTERVAL_SECONDS: Final = 5
SLOWER_SECONDS: Final = 5  # Source: RFC 8628, 3.5
SLACK_SECONDS: Final = 0.5  # a device's timer may be a little early
DEVICE_CODE_BYTES: Final = 32
# Without vowels there are no words, without digits nothing looks alike. 20 ** 8 codes.
LETTERS: Final = "BCDFGHJKLMNPQRSTVWXZ"
USER_CODE_LENGTH: Final = 8


def user_code_of(text: str) -> str:
    """As it is kept, of what a person typed: `wdjb mjht` -> `WDJBMJHT`."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)


def shown(user_code: str) -> str:
    """As a person reads it: `WDJB-MJHT`."""
    half = USER_CODE_LENGTH // 2
    return f"{user_code[:half]}-{user_code[half:]}"


class DeviceAuthorization(DeviceAuthorizationEndpoint):  # type: ignore[misc]  # no types
    """Where a device begins."""

    CLIENT_AUTH_METHODS = AUTHENTICATION_METHODS
    EXPIRES_IN = int(LIFETIME.total_seconds())
    INTERVAL = INTERVAL_SECONDS
    server: "Server"

    def authenticate_client(self, request: OAuthRequest) -> Client:
        """Raises: OAuth2Error; authlib looks neither at grants nor at scopes here."""
        client: Client = super().authenticate_client(request)
        if not client.check_grant_type(DEVICE):
            raise UnauthorizedClientError
        if client.get_allowed_scope(request.payload.scope) is None:
            raise InvalidScopeError
        return client

    def generate_user_code(self) -> str:
        return shown("".join(secrets.choice(LETTERS) for _ in range(USER_CODE_LENGTH)))

    def generate_device_code(self) -> str:
        return secrets.token_urlsafe(DEVICE_CODE_BYTES)

    def get_verification_uri(self) -> str:
        return f"{self.server.keys.issuer}{PATH}"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        row = {
            "device_code_hash": secret_digest(data["device_code"]),
            "user_code": user_code_of(data["user_code"]),
            "client_id": UUID(hex=client_id),
            "scopes": listed(scope),
            "expires_at": now() + LIFETIME,
            "interval_seconds": INTERVAL_SECONDS,
        }
        await_(self.server.session.execute(insert(tables.DeviceGrant).values(row)))


class Waiting:
    """A device that asks whether somebody has said yes; its row is locked."""

    def __init__(self, row: Any) -> None:
        self.row = row

    def get_client_id(self) -> str:
        return str(self.row.client_id.hex)

    def get_scope(self) -> str:
        return written(self.row.scopes)

    def get_user_code(self) -> str:
        return str(self.row.user_code)

    def is_expired(self) -> bool:
        return bool(self.row.expires_at <= now())


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]  # authlib has no types
    """Where it asks again and again, until it gets tokens, once."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION_METHODS
    server: "Server"
    request: OAuthRequest

    def query_device_credential(self, device_code: str) -> Waiting:
        """Raises: InvalidGrantError for an unknown code, and for another client's.

        Locks the row: of two answers at once only one has tokens.
        """
        columns = tables.DeviceGrant.__table__.c
        found = select(*columns).where(
            tables.DeviceGrant.device_code_hash == secret_digest(device_code),
            tables.DeviceGrant.client_id == self.request.client.id,
        )
        row = await_(self.server.session.execute(found.with_for_update())).one_or_none()
        if row is None:
            raise InvalidGrantError
        self._found = row
        return Waiting(row)

    def query_user_grant(self, user_code: str) -> "tuple[Person | None, bool] | None":
        """Once decided, the row goes: the answer that follows is the last one.

        Raises: InvalidGrantError when whoever said yes is not signed in any more.
        """
        row = self._found
        if row.approved is None:
            return None
        gone = delete(tables.DeviceGrant).where(
            tables.DeviceGrant.device_code_hash == row.device_code_hash
        )
        await_(self.server.session.execute(gone))
        person = await_(self.server.person_of(row.browser_session_id)) if row.approved else None
        if row.approved and person is None:
            raise InvalidGrantError
        return person, row.approved

    def should_slow_down(self, credential: Waiting) -> bool:
        row, moment = credential.row, now()
        is_too_soon = _seconds_since(row.last_asked_at, moment) < (
            row.interval_seconds - SLACK_SECONDS
        )
        interval = row.interval_seconds + (SLOWER_SECONDS if is_too_soon else 0)
        asked = update(tables.DeviceGrant).where(
            tables.DeviceGrant.device_code_hash == row.device_code_hash
        )
        changes = {"last_asked_at": moment, "interval_seconds": interval}
        await_(self.server.session.execute(asked.values(changes)))
        return bool(is_too_soon)


def _seconds_since(earlier: datetime | None, moment: datetime) -> float:
    return float("inf") if earlier is None else (moment - earlier).total_seconds()
