"""A real browser with a virtual authenticator registers a passkey and signs in with it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from auth.passwords import hashed
from core.db import Database
from tests.accounts.operations import PASSWORD, REVOKE
from tests.conftest import SECRET
from tests.e2e.chromium import visit
from tests.factories.accounts import make_user
from tests.factors.operations import (
    PASSKEY_ADD,
    PASSKEY_ASK,
    PASSKEY_ENTER,
    PASSKEY_START,
    SIGN_IN,
)
from tests.factors.serving import serving

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
ASK = """async ([query, input, token]) => {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables: { input } });
  const answer = await (await fetch("/graphql", { method: "POST", headers, body })).json();
  if (answer.errors) throw new Error(JSON.stringify(answer.errors));
  return Object.values(answer.data)[0];
}"""
CREATE = """async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
}"""
GET = """async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
}"""


async def ask(page: Page, query: str, token: str | None = None, **values: Any) -> dict[str, Any]:
    """As a script of the page asks."""
    payload: dict[str, Any] = await page.evaluate(ASK, [query, values, token])
    assert payload["userErrors"] == [], payload
    return payload


async def test_register_sign_out_sign_in(
    fresh_database: Callable[[], Awaitable[str]], redis_url: str, tmp_path: Path
) -> None:
    database_url = await fresh_database()
    db = Database(database_url, size=2)
    async with db.transaction() as session:
        await make_user(session, email="ann@example.com", password_hash=await hashed(PASSWORD))
    await db.close()
    settings = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "TOKEN_SECRET": SECRET}

    async with serving(tmp_path, **settings) as address, visit(f"{address}/healthz") as visited:
        page = visited.page
        devices = await page.context.new_cdp_session(page)
        await devices.send("WebAuthn.enable")
        await devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

        token = (await ask(page, SIGN_IN, email="ann@example.com", password=PASSWORD))[
            "accessToken"
        ]
        options = (await ask(page, PASSKEY_START, token))["options"]
        made = await page.evaluate(CREATE, options)
        added = await ask(page, PASSKEY_ADD, token, credential=made, name="Chromium")
        await ask(page, REVOKE, token)

        wanted = (await ask(page, PASSKEY_ASK))["options"]
        entered = await ask(page, PASSKEY_ENTER, credential=await page.evaluate(GET, wanted))

        assert added["passkey"]["name"] == "Chromium"
        assert entered["user"]["email"] == "ann@example.com"
