"""The OAuth2 server: clients, codes, device grants, consents, sign-ins of browsers.

Texts that let somebody in (secrets, codes, cookies) are kept as their SHA-256.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, HasId, HasTimes, one_of


class ClientAuthentication(StrEnum):
    """NONE: a public client, which can't keep a secret: an app in a browser or on a phone."""

    NONE = "NONE"
    SECRET = "SECRET"  # noqa: S105 - a kind, no secret
    PRIVATE_KEY = "PRIVATE_KEY"


class ApplicationType(StrEnum):
    """NATIVE: on the person's own device; may listen on any port of the loopback interface."""

    WEB = "WEB"
    NATIVE = "NATIVE"


class OAuthClient(HasId, HasTimes, Base):
    """A program that asks for tokens.

    logo_text: one or two characters that stand for it where a person decides.
    is_first_party: ours; nobody is asked for consent.
    scopes: what it may ask people for.
    merchant_id, permissions: whose it is and what it may do as itself (client credentials);
    null: the platform's.
    jwks: the public keys of a client that signs instead of showing a secret.
    old_secret_hash: good until old_secret_until, so that a secret can be replaced without a stop.
    """

    __tablename__ = "oauth_clients"
    __table_args__ = (
        one_of("authentication", ClientAuthentication),
        one_of("application_type", ApplicationType),
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name_length"),
        CheckConstraint("length(logo_text) <= 2", name="logo_text_length"),
        CheckConstraint(
            "(authentication = 'SECRET') = (secret_hash IS NOT NULL)", name="secret_kept"
        ),
        CheckConstraint("(authentication = 'PRIVATE_KEY') = (jwks IS NOT NULL)", name="keys_known"),
        CheckConstraint(
            "authentication <> 'NONE' OR cardinality(permissions) = 0", name="public_is_nobody"
        ),
    )

    name: Mapped[str]
    logo_text: Mapped[str] = mapped_column(default="")
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"), index=True)
    authentication: Mapped[str]
    application_type: Mapped[str] = mapped_column(default=ApplicationType.WEB)
    secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_secret_until: Mapped[datetime | None]
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(default=list)
    grant_types: Mapped[list[str]] = mapped_column(default=list)
    scopes: Mapped[list[str]] = mapped_column(default=list)
    permissions: Mapped[list[str]] = mapped_column(default=list)
    is_first_party: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[datetime | None]


class AuthorizationCode(Base):
    """What a client changes for tokens, once. Used ones are kept to notice a second use.

    browser_session_id: the sign-in it came from; when that has ended, the code is good no more.
    session_id: the sign-in that the code was changed for; it ends when the code comes again.
    """

    __tablename__ = "authorization_codes"

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    redirect_uri: Mapped[str]
    scopes: Mapped[list[str]]
    nonce: Mapped[str | None]
    code_challenge: Mapped[str]
    browser_session_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
    session_id: Mapped[UUID | None]


class DeviceGrant(Base):
    """A device without a browser waits until somebody confirms its code elsewhere.

    approved, browser_session_id: null until then.
    interval_seconds: grows each time the device asks too soon.
    """

    __tablename__ = "device_grants"
    __table_args__ = (
        CheckConstraint(
            "(approved IS NULL) = (browser_session_id IS NULL)", name="decided_by_somebody"
        ),
    )

    device_code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_code: Mapped[str] = mapped_column(unique=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id"), index=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)
    interval_seconds: Mapped[int]
    last_asked_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    browser_session_id: Mapped[UUID | None]


class Consent(Base):
    """What a person lets a client do; they are not asked for it again."""

    __tablename__ = "consents"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    client_id: Mapped[UUID] = mapped_column(
        ForeignKey("oauth_clients.id"), primary_key=True, index=True
    )
    scopes: Mapped[list[str]]
    granted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class BrowserSignIn(Base):
    """The cookie of a browser in which somebody signed in on our pages; `sessions` has the rest."""

    __tablename__ = "browser_sign_ins"

    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), unique=True
    )
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ClientAssertion(Base):
    """The id of a signed assertion that a client used: it is good once."""

    __tablename__ = "client_assertions"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("oauth_clients.id"), primary_key=True)
    jti_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EndedToken(Base):
    """The id of an access token that a client got for itself and ended early.

    expires_at: when nobody would take the token any more, ended or not.
    """

    __tablename__ = "ended_tokens"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
