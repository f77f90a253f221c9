"""The steps of the code flow by hand, so that a test can leave one out or do it wrong."""

from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from core.db import Database
from models.accounts import User
from models.oauth import OAuthClient
from tests.factories.oauth import REDIRECT, make_client, make_shopper
from tests.oauth.browsing import PASSWORD, Browser

VERIFIER = "a-verifier-that-is-long-enough-to-be-one-of-rfc-7636"
SCOPE = "openid offline_access shop"
ISSUER = "http://127.0.0.1:8000"


async def client_and_shopper(db: Database, **columns: Any) -> tuple[OAuthClient, User]:
    async with db.transaction() as session:
        return await make_client(session, **columns), await make_shopper(session, PASSWORD)


def address(client: OAuthClient, **changes: str | None) -> str:
    """Of the authorization endpoint; a parameter that is changed to None is left out."""
    parameters: dict[str, str | None] = {
        "response_type": "code",
        "client_id": client.id.hex,
        "redirect_uri": REDIRECT,
        "scope": SCOPE,
        "state": "the-state",
        "code_challenge": create_s256_code_challenge(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    return f"/oauth/authorize?{urlencode(given)}"


async def code_of(browser: Browser, client: OAuthClient, user: User, **changes: str) -> str:
    """The code that the client is sent when the user signs in and allows everything."""
    await browser.open(address(client, **changes))
    if browser.left_for is None and 'value="sign-in"' in browser.page.text:
        await browser.sign_in(user.email)
    if browser.left_for is None:
        await browser.decide("allow")
    return browser.answer()["code"]


async def change(
    http: httpx.AsyncClient, client: OAuthClient, code: str, **changes: str | None
) -> httpx.Response:
    """Ask for the tokens of a code."""
    parameters: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "client_id": client.id.hex,
        "code": code,
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        **changes,
    }
    given = {name: value for name, value in parameters.items() if value is not None}
    return await http.post("/oauth/token", data=given)


async def me(http: httpx.AsyncClient, token: str) -> int:
    """The status that /graphql answers to a token."""
    headers = {"authorization": f"Bearer {token}"}
    return (
        await http.post("/graphql", json={"query": "{ me { id } }"}, headers=headers)
    ).status_code
