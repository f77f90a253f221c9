"""Where people may be sent: exactly where a client registered, and nowhere else."""

from collections.abc import Callable

import pytest

from core.db import Database
from models.oauth import ApplicationType
from tests.factories.oauth import REDIRECT
from tests.oauth.browsing import Browser
from tests.oauth.flows import ISSUER, address, client_and_shopper, code_of

NewBrowser = Callable[[], Browser]
LOOPBACK = "http://127.0.0.1/callback"


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://app.example/callback/",
        "https://app.example/callback?more=1",
        "https://app.example/callback#part",
        "https://app.example/Callback",
        "https://app.example/callback/../callback",
        "https://app.example/%63allback",
        "https://app.example:443/callback",
        "https://APP.example/callback",
        "https://evil.app.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/callback",
        "http://app.example/callback",
        "//app.example/callback",
        "javascript:alert(1)",
        "https://app.example/callback\r\nLocation: https://evil.example",
        'https://app.example/callback"',
        "https://app.example/cällback",
        "",
        None,
    ],
)
async def test_another_address_gets_a_page_and_no_redirect(
    redirect_uri: str | None, db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    browser = new_browser()

    await browser.open(address(client, redirect_uri=redirect_uri))

    assert browser.left_for is None
    assert browser.page.status_code == 400
    assert "This link does not work" in browser.page.text


@pytest.mark.parametrize(
    ("kind", "redirect_uri", "is_good"),
    [
        (ApplicationType.NATIVE, "http://127.0.0.1:51004/callback", True),
        (ApplicationType.NATIVE, LOOPBACK, True),
        (ApplicationType.NATIVE, "http://127.0.0.1:51004/other", False),
        (ApplicationType.NATIVE, "http://127.0.0.1:51004/callback?more=1", False),
        (ApplicationType.NATIVE, "http://localhost:51004/callback", False),
        (ApplicationType.NATIVE, "http://[::1]:51004/callback", False),
        (ApplicationType.NATIVE, "https://127.0.0.1:51004/callback", False),
        (ApplicationType.NATIVE, "http://127.0.0.1:51004@evil.example/callback", False),
        (ApplicationType.NATIVE, "http://127.0.0.1.evil.example/callback", False),
        (ApplicationType.WEB, "http://127.0.0.1:51004/callback", False),
    ],
)
async def test_only_a_native_apps_loopback_address_may_have_another_port(
    kind: ApplicationType, redirect_uri: str, is_good: bool, db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(db, application_type=kind, redirect_uris=[LOOPBACK])
    browser = new_browser()

    await browser.open(address(client, redirect_uri=redirect_uri))
    if is_good:
        await browser.sign_in(user.email)
        await browser.decide("allow")

    if is_good:
        assert (browser.left_for or "").startswith(f"{redirect_uri}?code=")
    else:
        assert browser.left_for is None
        assert browser.page.status_code == 400


async def test_an_unknown_client_gets_a_page(db: Database, new_browser: NewBrowser) -> None:
    client, _ = await client_and_shopper(db)
    browser = new_browser()

    for unknown in ("0" * 32, "nobody", "' OR 1=1 --", "../../etc/passwd"):
        await browser.open(address(client, client_id=unknown))
        assert browser.left_for is None
        assert browser.page.status_code == 400


async def test_a_parameter_that_comes_twice_is_refused(
    db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    browser = new_browser()

    await browser.open(f"{address(client)}&redirect_uri=https://evil.example/callback")

    assert browser.left_for is None
    assert browser.page.status_code == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "openid root"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
async def test_what_is_not_supported_is_told_to_the_client_by_its_own_address(
    changes: dict[str, str | None], error: str, db: Database, new_browser: NewBrowser
) -> None:
    client, _ = await client_and_shopper(db)
    browser = new_browser()

    await browser.open(address(client, **changes))

    assert (browser.left_for or "").startswith(f"{REDIRECT}?")
    assert browser.answer()["error"] == error
    assert browser.answer()["iss"] == ISSUER


async def test_logout_leads_nowhere_that_the_client_did_not_register(
    db: Database, new_browser: NewBrowser
) -> None:
    client, user = await client_and_shopper(
        db, post_logout_redirect_uris=["https://app.example/goodbye"]
    )
    browser = new_browser()
    await code_of(browser, client, user)

    for goodbye in ("https://evil.example/", "https://app.example/goodbye/", "//evil.example"):
        await browser.open(
            f"/oauth/logout?client_id={client.id.hex}&post_logout_redirect_uri={goodbye}"
        )
        assert browser.left_for is None

    await browser.submit("log-out")
    assert browser.left_for is None
    assert "You are signed out" in browser.page.text
