"""Who said yes to a client, and what a client may be told of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, select

from core.db import Query, Row
from models.accounts import Address, Session, User
from models.oauth import OAuthClient


@dataclass
class Person:
    """Who said yes, when and how they showed who they are.

    session_id: of the browser in which they said it; then of the sign-in that the client got.
    """

    user_id: UUID
    auth_time: datetime
    amr: Sequence[str]
    session_id: UUID | None = None


# Of a client's sign-in that is open; their address is the one for deliveries.
PERSON: Final = Query(
    select(
        User.id,
        User.email,
        User.email_verified_at,
        User.first_name,
        User.last_name,
        User.phone,
        User.language,
        User.updated_at,
        Address.line1,
        Address.line2,
        Address.city,
        Address.region,
        Address.postal_code,
        Address.country,
    )
    .join(Session, Session.user_id == User.id)
    .join(OAuthClient, OAuthClient.id == Session.client_id)
    .outerjoin(Address, and_(Address.user_id == User.id, Address.is_default_shipping))
    .where(
        Session.id == bindparam("session_id", type_=Uuid()),
        Session.revoked_at.is_(None),
        OAuthClient.disabled_at.is_(None),
        User.is_active,
    )
)


def claims_of(row: Row, scopes: Iterable[str]) -> dict[str, Any]:
    """What the scopes let a client know; what a person has not told is left out.

    Source: OpenID Connect Core 1.0, 5.1 and 5.4.
    """
    parts = {"profile": _profile, "email": _email, "phone": _phone, "address": _address}
    claims: dict[str, Any] = {"sub": row["id"].hex}
    for scope in scopes:
        if scope in parts:
            claims.update(parts[scope](row))
    return {name: value for name, value in claims.items() if value not in (None, "", {})}


def _profile(row: Row) -> dict[str, Any]:
    return {
        "name": f"{row['first_name']} {row['last_name']}".strip(),
        "given_name": row["first_name"],
        "family_name": row["last_name"],
        "locale": row["language"],
        "updated_at": int(row["updated_at"].timestamp()),
    }


def _email(row: Row) -> dict[str, Any]:
    return {"email": row["email"], "email_verified": row["email_verified_at"] is not None}


def _phone(row: Row) -> dict[str, Any]:
    return {"phone_number": row["phone"]}


def _address(row: Row) -> dict[str, Any]:
    parts = {
        "street_address": "\n".join(filter(None, (row["line1"], row["line2"]))),
        "locality": row["city"],
        "region": row["region"],
        "postal_code": row["postal_code"],
        "country": row["country"],
    }
    return {"address": {name: value for name, value in parts.items() if value}}
