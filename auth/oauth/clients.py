"""Clients as authlib asks about them."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin

from auth.oauth.scopes import in_order, listed, written
from core.clock import now
from models.oauth import ApplicationType, ClientAuthentication

CODE: Final = "authorization_code"
REFRESH: Final = "refresh_token"
CREDENTIALS: Final = "client_credentials"
DEVICE: Final = "urn:ietf:params:oauth:grant-type:device_code"
GRANT_TYPES: Final = (CODE, REFRESH, CREDENTIALS, DEVICE)

METHODS: Final = {
    ClientAuthentication.NONE: ("none",),
    ClientAuthentication.SECRET: ("client_secret_basic", "client_secret_post"),
    ClientAuthentication.PRIVATE_KEY: ("private_key_jwt",),
}
AUTHENTICATION_METHODS: Final = [method for methods in METHODS.values() for method in methods]

# Source: RFC 8252, 7.3: the port of a loopback address is chosen when the app starts to listen.
_LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?((?:/[^#]*)?)")


def client_id_of(text: str | None) -> UUID | None:
    """The row behind a `client_id`: the hexadecimal digits of its id."""
    if text is None or not re.fullmatch("[0-9a-f]{32}", text):
        return None
    return UUID(hex=text)


class Client(ClientMixin):  # type: ignore[misc]  # authlib has no types
    """A client that is not disabled."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row = row
        self.id: UUID = row["id"]
        self.name: str = row["name"]

    @property
    def client_id(self) -> str:
        return self.id.hex

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Of OpenID Connect's registration, what authlib's endpoints look at."""
        return {"post_logout_redirect_uris": self.row["post_logout_redirect_uris"]}

    @property
    def is_native(self) -> bool:
        return bool(self.row["application_type"] == ApplicationType.NATIVE)

    @property
    def is_first_party(self) -> bool:
        return bool(self.row["is_first_party"])

    @property
    def logo_text(self) -> str:
        return str(self.row["logo_text"] or self.name[0])

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: a request must say where its answer goes."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for; None when that is nothing, or more than the client may ask for."""
        wanted = listed(scope)
        return written(wanted) if wanted and {*wanted} <= {*self.row["scopes"]} else None

    def own_scope(self, scope: str | None) -> str | None:
        """The same for what the client does as itself; left out means all it may do."""
        own = in_order(permission.lower() for permission in self.row["permissions"])
        wanted = listed(scope) or own
        return written(wanted) if wanted and {*wanted} <= {*own} else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """The same text as registered; of a native app's loopback address the port may differ."""
        registered = self.row["redirect_uris"]
        if redirect_uri in registered:
            return True
        wanted = _LOOPBACK.fullmatch(redirect_uri)
        if wanted is None or not self.is_native:
            return False
        known = [_LOOPBACK.fullmatch(uri) for uri in registered]
        return any(each and each.groups() == wanted.groups() for each in known)

    def check_client_secret(self, client_secret: str) -> bool:
        digest, row = secret_digest(client_secret), self.row
        if hmac.compare_digest(digest, row["secret_hash"] or b""):
            return True
        is_old_one_good = row["old_secret_until"] is not None and row["old_secret_until"] > now()
        return is_old_one_good and hmac.compare_digest(digest, row["old_secret_hash"] or b"")

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in METHODS[ClientAuthentication(self.row["authentication"])]

    def check_response_type(self, response_type: str) -> bool:
        return bool(response_type == "code") and self.check_grant_type(CODE)

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.row["grant_types"]


def secret_digest(text: str) -> bytes:
    """Secrets and codes are random and long: they need no slower hash."""
    return hashlib.sha256(text.encode()).digest()
