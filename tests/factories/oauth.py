"""Clients, and people who can sign in, for tests."""

from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.oauth.clients import CODE, DEVICE, REFRESH, secret_digest
from auth.oauth.scopes import SCOPES
from auth.passwords import hashed
from models.accounts import User
from models.oauth import ClientAuthentication, OAuthClient
from tests.factories.accounts import make_user

REDIRECT = "https://app.example/callback"
SECRET = "the-secret_of-a-client-that-can-keep-one"

_numbers = count(1)


async def make_client(
    session: AsyncSession, *, secret: str | None = None, **columns: Any
) -> OAuthClient:
    """A saved client; public unless it has a secret or keys."""
    n = next(_numbers)
    values: dict[str, Any] = {
        "name": f"App {n}",
        "authentication": ClientAuthentication.SECRET if secret else ClientAuthentication.NONE,
        "secret_hash": secret_digest(secret) if secret else None,
        "redirect_uris": [REDIRECT],
        "grant_types": [CODE, REFRESH, DEVICE],
        "scopes": list(SCOPES),
        **columns,
    }
    client = OAuthClient(**values)
    session.add(client)
    await session.flush()  # others refer to its row
    return client


async def make_shopper(session: AsyncSession, password: str, **columns: Any) -> User:
    """Somebody who can sign in with a password."""
    return await make_user(session, password_hash=await hashed(password), **columns)
