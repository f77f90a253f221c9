"""Clients: made, given another secret, disabled.

What is wrong with one is found here, once, and not by the people whom it sends to us.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.oauth.clients import CODE, CREDENTIALS, DEVICE, GRANT_TYPES, REFRESH, secret_digest
from auth.oauth.scopes import SCOPES, in_order
from core.clock import now
from core.errors import InvalidInput, NotFound
from core.identity import PLATFORM_ONLY, Permission
from core.ids import new_id
from models.accounts import Session
from models.oauth import ApplicationType, ClientAuthentication, OAuthClient
from services import audit

SECRET_BYTES: Final = 32
MAX_NAME: Final = 100
MAX_LOGO: Final = 2
MAX_URIS: Final = 20
MAX_URI: Final = 500
MAX_KEYS: Final = 10
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
# Source: RFC 8252, 7.1: an app's own scheme is a domain of its makers, backwards.
_OWN_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_PLAIN: Final = re.compile(r"[\x21\x24-\x29\x2b-\x5b\x5d\x5f\x61-\x7a\x7e]+")


@dataclass(frozen=True, slots=True)
class NewClient:
    """See models.oauth.OAuthClient. grant_types: what it needs follows from its kind when empty."""

    name: str
    authentication: ClientAuthentication = ClientAuthentication.NONE
    application_type: ApplicationType = ApplicationType.WEB
    logo_text: str = ""
    merchant_id: UUID | None = None
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    grant_types: Sequence[str] = ()
    scopes: Sequence[str] = ()
    permissions: Sequence[str] = ()
    jwks: Mapping[str, Any] | None = None
    is_first_party: bool = False
    id: UUID = field(default_factory=new_id)


async def register(session: AsyncSession, new: NewClient) -> str | None:
    """Keep a new client. Its secret, which nobody can read later; None for one without.

    Raises: InvalidInput.
    """
    grant_types = list(new.grant_types) or _usual_grants(new)
    _check(new, grant_types)
    keeps_secret = new.authentication is ClientAuthentication.SECRET
    secret = secrets.token_urlsafe(SECRET_BYTES) if keeps_secret else None
    row = {
        "id": new.id,
        "name": new.name,
        "logo_text": new.logo_text,
        "merchant_id": new.merchant_id,
        "authentication": new.authentication,
        "application_type": new.application_type,
        "secret_hash": secret_digest(secret) if secret else None,
        "jwks": new.jwks,
        "redirect_uris": list(new.redirect_uris),
        "post_logout_redirect_uris": list(new.post_logout_redirect_uris),
        "grant_types": grant_types,
        "scopes": in_order(new.scopes),
        "permissions": list(new.permissions),
        "is_first_party": new.is_first_party,
    }
    await session.execute(insert(OAuthClient).values(row))
    told = ("authentication", "redirect_uris", "grant_types", "scopes", "permissions")
    after = {name: row[name] for name in told}
    await _record(session, "OAUTH_CLIENT_CREATED", new.id, new.merchant_id, after)
    return secret


async def replace_secret(session: AsyncSession, client_id: UUID, *, overlap: timedelta) -> str:
    """Another secret for a client. overlap: how long the one before stays good.

    Raises: NotFound for an unknown client, and for one that has none.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    changed = (
        update(OAuthClient)
        .where(OAuthClient.id == client_id, OAuthClient.secret_hash.is_not(None))
        .values(
            old_secret_hash=OAuthClient.secret_hash,
            old_secret_until=now() + overlap,
            secret_hash=secret_digest(secret),
        )
        .returning(OAuthClient.merchant_id)
    )
    row = (await session.execute(changed)).one_or_none()
    if row is None:
        raise NotFound(kind="OAuthClient", id=client_id)
    after = {"overlapSeconds": int(overlap.total_seconds())}
    await _record(session, "OAUTH_CLIENT_KEY_REPLACED", client_id, row.merchant_id, after)
    return secret


async def disable(session: AsyncSession, client_id: UUID) -> Sequence[UUID]:
    """End a client and all sign-ins that people gave it.

    What must be announced after the commit (`auth.news.announce`): the client, and its sign-ins.

    Raises: NotFound.
    """
    ended = update(OAuthClient).where(
        OAuthClient.id == client_id, OAuthClient.disabled_at.is_(None)
    )
    row = (
        await session.execute(ended.values(disabled_at=now()).returning(OAuthClient.merchant_id))
    ).one_or_none()
    if row is None:
        raise NotFound(kind="OAuthClient", id=client_id)
    sign_ins = update(Session).where(Session.client_id == client_id, Session.revoked_at.is_(None))
    gone = await session.scalars(sign_ins.values(revoked_at=now()).returning(Session.id))
    await _record(session, "OAUTH_CLIENT_DISABLED", client_id, row.merchant_id, None)
    return [client_id, *gone]


async def all_clients(session: AsyncSession) -> Sequence[Any]:
    """The oldest first."""
    return (await session.scalars(select(OAuthClient).order_by(OAuthClient.id))).all()


async def _record(
    session: AsyncSession,
    action: str,
    client_id: UUID,
    merchant_id: UUID | None,
    after: Mapping[str, Any] | None,
) -> None:
    entry = audit.entry(action, "OAuthClient", client_id, merchant_id=merchant_id, after=after)
    await audit.record(session, entry)


def _usual_grants(new: NewClient) -> list[str]:
    people = [CODE, REFRESH] if new.redirect_uris else []
    return people + ([CREDENTIALS] if new.permissions else [])


def _check(new: NewClient, grant_types: Sequence[str]) -> None:
    """Raises: InvalidInput."""
    is_public = new.authentication is ClientAuthentication.NONE
    merchants_own = {*map(str, Permission)} - ({*PLATFORM_ONLY} if new.merchant_id else set())
    _require("name", 1 <= len(new.name) <= MAX_NAME and new.name.isprintable(), "1 to 100 letters")
    _require("logoText", len(new.logo_text) <= MAX_LOGO, "at most two characters")
    _require("grantTypes", {*grant_types} <= {*GRANT_TYPES}, f"of {', '.join(GRANT_TYPES)}")
    _require(
        "grantTypes", bool(grant_types), "at least one: redirect URIs or permissions are missing"
    )
    _require("scopes", {*new.scopes} <= {*SCOPES}, f"of {', '.join(SCOPES)}")
    _require("permissions", {*new.permissions} <= merchants_own, "of those that a merchant has")
    _require("permissions", not (is_public and new.permissions), "for clients with a secret or key")
    own_grant, asks_people = CREDENTIALS in grant_types, {CODE, DEVICE} & {*grant_types}
    _require("permissions", bool(new.permissions) or not own_grant, "at least one")
    _require("grantTypes", not (is_public and own_grant), "for clients with a secret or key")
    _require("scopes", bool(new.scopes) or not asks_people, "at least one")
    _require("redirectUris", bool(new.redirect_uris) or CODE not in grant_types, "at least one")
    has_keys = new.authentication is ClientAuthentication.PRIVATE_KEY
    _require("jwks", _are_public_keys(new.jwks) if has_keys else new.jwks is None, "public keys")
    is_native = new.application_type is ApplicationType.NATIVE
    for name, uris in (
        ("redirectUris", new.redirect_uris),
        ("postLogoutRedirectUris", new.post_logout_redirect_uris),
    ):
        _require(name, len({*uris}) == len(uris) <= MAX_URIS, f"at most {MAX_URIS}, each once")
        for uri in uris:
            _require(name, is_good_redirect(uri, is_native=is_native), f"https, without #: {uri!r}")


def is_good_redirect(uri: str, *, is_native: bool) -> bool:
    """Whether people may be sent there.

    https; http on the person's own machine; for native apps, an own scheme that is a domain.
    Source: RFC 8252, 7; RFC 9700, 2.1.
    """
    if len(uri) > MAX_URI or not _PLAIN.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None:
        return False
    if parts.scheme == "https":
        return bool(host)
    if parts.scheme == "http":
        return host in LOOPBACK
    return is_native and bool(_OWN_SCHEME.fullmatch(parts.scheme)) and not parts.netloc


def _are_public_keys(jwks: Mapping[str, Any] | None) -> bool:
    try:
        keys = KeySet.import_key_set({"keys": (jwks or {})["keys"]}).keys
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return 0 < len(keys) <= MAX_KEYS and not any(map(_is_secret, keys))


def _is_secret(key: Any) -> bool:
    return isinstance(key, OctKey) or bool(key.is_private)


def _require(name: str, is_met: bool, wanted: str) -> None:
    if not is_met:
        raise InvalidInput(problem=f"{name}: {wanted}.", path=(name,))
