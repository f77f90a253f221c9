"""The script of our sign-in page in a real browser, with an authenticator that is made of software."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Page, expect
from sqlalchemy import delete, select

from auth.oauth.clients import CODE
from core.clock import now
from core.db import Database
from models.accounts import Session, User
from models.factors import Passkey, Totp
from tests.e2e.chromium import Visit, visit
from tests.factories.oauth import make_client, make_shopper
from tests.factors.authenticator import Authenticator
from tests.oauth.browsing import PASSWORD
from tests.oauth.flows import address
from tests.oauth.server_process import Server
from tests.oauth.test_in_chromium import app_address, check  # noqa: F401 - a fixture

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
BUTTON = "Use a passkey"


@pytest.fixture
def origin(server: Server) -> str:
    """Of the server, by the name that browsers give passkeys to."""
    return f"http://localhost:{server.port}"


@pytest.fixture
def device(origin: str) -> Authenticator:
    return Authenticator(origin)


@pytest.fixture
async def person(server_db: Database, device: Authenticator) -> User:
    """Whose passkey the device has."""
    async with server_db.transaction() as session:
        user = await make_shopper(session, PASSWORD)
        session.add(device.registered(user))
    return user


@pytest.fixture
async def way(server_db: Database, app_address: str) -> str:  # noqa: F811 - a fixture
    """Of the sign-in page, as an app sends people there."""
    async with server_db.transaction() as session:
        client = await make_client(session, grant_types=[CODE], redirect_uris=[app_address])
    return address(client, redirect_uri=app_address)


def text(value: bytes) -> str:
    return b64encode(value).decode()


async def give(page: Page, device: Authenticator) -> None:
    """Put the authenticator, with its passkey, into the browser."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    added = await devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    key = device.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    passkey = {
        "credentialId": text(device.id),
        "isResidentCredential": True,
        "rpId": device.rp_id,
        "privateKey": text(key),
        "userHandle": text(device.user),
        "signCount": 0,
    }
    await devices.send(
        "WebAuthn.addCredential",
        {"authenticatorId": added["authenticatorId"], "credential": passkey},
    )


@asynccontextmanager
async def opened(url: str, device: Authenticator) -> AsyncIterator[Visit]:
    """Our page in a browser that has the device, narrow as a phone."""
    async with visit("about:blank", width=360, height=740) as visited:
        await give(visited.page, device)
        await visited.page.goto(url)
        yield visited


async def amr_of(db: Database, user: User) -> list[str]:
    async with db.transaction() as session:
        methods = select(Session.amr).where(Session.user_id == user.id).order_by(Session.id)
        return (await session.scalars(methods.limit(1))).one()


async def test_a_passkey_alone_signs_somebody_in(
    server_db: Database, origin: str, way: str, person: User, device: Authenticator
) -> None:
    async with opened(f"{origin}{way}", device) as visited:
        page = visited.page
        await check(page)
        await page.get_by_role("button", name=BUTTON).click()
        await page.get_by_text(person.email).wait_for()
        await page.get_by_role("button", name="Allow", exact=True).click()
        await page.get_by_text("Welcome").wait_for()

    assert "code=" in page.url
    assert visited.complaints == []
    assert [url for url in visited.foreign_requests(origin) if "code=" not in url] == []
    assert await amr_of(server_db, person) == ["hwk", "user", "mfa"]


async def test_a_passkey_follows_the_password_of_who_has_one_time_codes(
    server_db: Database, origin: str, way: str, person: User, device: Authenticator
) -> None:
    async with server_db.transaction() as session:
        session.add(Totp(user_id=person.id, secret=b"nobody knows it", confirmed_at=now()))

    async with opened(f"{origin}{way}", device) as visited:
        page = visited.page
        await page.get_by_label("E-mail address").fill(person.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_label("Code").wait_for()
        await check(page)
        await page.get_by_role("button", name=BUTTON).click()
        await page.get_by_text(person.email).wait_for()

    assert visited.complaints == []
    assert await amr_of(server_db, person) == ["pwd", "hwk", "user", "mfa"]


async def test_who_has_no_passkey_here_any_more_goes_on_with_the_password(
    server_db: Database, origin: str, way: str, person: User, device: Authenticator
) -> None:
    async with server_db.transaction() as session:
        await session.execute(delete(Passkey).where(Passkey.user_id == person.id))

    async with opened(f"{origin}{way}", device) as visited:
        page = visited.page
        await page.get_by_role("button", name=BUTTON).click()
        await expect(page.get_by_role("alert")).to_contain_text("No passkey of this shop")
        await check(page)
        await page.get_by_label("E-mail address").fill(person.email)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_text(person.email).wait_for()

    assert await amr_of(server_db, person) == ["pwd"]


async def test_a_shop_that_does_not_answer_is_said_on_the_page_and_asked_again(
    server_db: Database, origin: str, way: str, person: User, device: Authenticator
) -> None:
    async with opened(f"{origin}{way}", device) as visited:
        page, button = visited.page, visited.page.get_by_role("button", name=BUTTON)
        await page.route("**/oauth/authorize*", lambda route: route.abort())
        await button.click()
        await expect(page.get_by_role("alert")).to_contain_text("No passkey of this shop")
        await check(page)
        await page.unroute_all()
        await button.click()
        await page.get_by_text(person.email).wait_for()

    assert await amr_of(server_db, person) == ["hwk", "user", "mfa"]


async def test_no_passkey_is_offered_at_an_address_that_browsers_have_none_for(
    server: Server, way: str, device: Authenticator
) -> None:
    async with opened(f"{server.url}{way}", device) as visited:
        await visited.page.get_by_role("button", name="Sign in").wait_for()

        assert not await visited.page.get_by_text(BUTTON).is_visible()

    assert any("passkey.js" in url for url in visited.requests)
    assert visited.complaints == []
