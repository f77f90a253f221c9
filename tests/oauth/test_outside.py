"""On our pages by an outside provider: here another shop of ours, a real process."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from app import new_app
from auth.tokens import Tokens
from core.db import Database
from core.login_providers import LoginProvider
from core.settings import Settings
from models.accounts import Proof, User
from models.factors import Identity
from models.oauth import BrowserSignIn
from tests.asking import Ask
from tests.factories.accounts import sign_in as open_session
from tests.factories.oauth import SECRET, make_client, make_shopper
from tests.factors.conftest import protect
from tests.oauth.browsing import PASSWORD, Browser
from tests.oauth.flows import ISSUER, address, client_and_shopper
from tests.oauth.server_process import Server

CALLBACK = f"{ISSUER}/oauth/callback"
HERE = "http://shop.test"


@pytest.fixture(scope="module")
async def outside_client(server: Server, server_db: Database) -> str:
    async with server_db.transaction() as session:
        client = await make_client(
            session, secret=SECRET, redirect_uris=[CALLBACK], is_first_party=True
        )
    return client.id.hex


@pytest.fixture(scope="module")
async def shop(settings: Settings, server: Server, outside_client: str) -> AsyncIterator[Starlette]:
    """With a button for the other shop, and one provider that only our apps may use."""
    other: dict[str, Any] = {"issuer": server.url, "client_id": outside_client}
    providers = [
        LoginProvider(
            name="other",
            label="Other Shop",
            client_secret=SECRET,
            redirect_uris=[CALLBACK],
            **other,
        ),
        LoginProvider(name="apps", label="Apps", redirect_uris=["https://app.example/"], **other),
    ]
    application = new_app(settings.model_copy(update={"login_providers": providers}))
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def visitor(shop: Starlette, clean: None) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(app=shop)
    async with httpx.AsyncClient(transport=transport, base_url=HERE) as http:
        yield Browser(http, HERE)


async def there_and_back(visitor: Browser, server: Server, email: str) -> httpx.Response:
    """Press the button, sign in there, and come back."""
    await visitor.submit("elsewhere", provider="other")
    wanted = visitor.page.headers["refresh"].removeprefix("0; url=")
    async with httpx.AsyncClient(base_url=server.url) as http:
        outside = Browser(http, server.url)
        await outside.open(wanted)
        await outside.sign_in(email)
    assert outside.left_for is not None
    assert outside.left_for.startswith(f"{CALLBACK}?")
    return await visitor.open(outside.left_for.replace(ISSUER, HERE))


async def shopper_there(server_db: Database) -> User:
    async with server_db.transaction() as session:
        user = await make_shopper(session, PASSWORD)
        user.email_verified_at = user.created_at
        return user


async def test_whoever_is_known_there_gets_an_account_and_goes_on_to_the_client(
    db: Database, server: Server, server_db: Database, visitor: Browser
) -> None:
    client, _ = await client_and_shopper(db, is_first_party=True)
    person = await shopper_there(server_db)
    await visitor.open(address(client, prompt="login"))
    assert "Continue with Other Shop" in visitor.page.text
    assert "Continue with Apps" not in visitor.page.text

    await there_and_back(visitor, server, person.email)

    assert visitor.answer()["code"]
    async with db.transaction() as session:
        made = (await session.execute(select(User).where(User.email == person.email))).scalar_one()
        assert (await session.scalars(select(Identity.user_id))).all() == [made.id]
        assert await session.scalar(select(func.count()).select_from(Proof)) == 0


async def test_an_account_with_the_same_address_is_not_taken_over(
    db: Database, server: Server, server_db: Database, visitor: Browser
) -> None:
    person = await shopper_there(server_db)
    client, _ = await client_and_shopper(db)
    async with db.transaction() as session:
        await make_shopper(session, PASSWORD, email=person.email)
    await visitor.open(address(client))

    page = await there_and_back(visitor, server, person.email)

    assert page.status_code == 422
    assert "Nobody here is linked to that account yet." in page.text
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Identity)) == 0
        assert await session.scalar(select(func.count()).select_from(BrowserSignIn)) == 0


async def test_a_callback_is_worth_nothing_in_another_browser(
    db: Database, server: Server, server_db: Database, shop: Starlette, visitor: Browser
) -> None:
    person = await shopper_there(server_db)
    await visitor.open("/oauth/device")
    await visitor.submit("elsewhere", provider="other")
    own = dict(visitor.http.cookies)
    visitor.http.cookies.clear()

    page = await visitor.open("/oauth/callback?code=stolen&state=stolen")

    assert page.status_code == 400
    visitor.http.cookies.update(own)
    wrong = await visitor.open("/oauth/callback?code=stolen&state=stolen")
    assert wrong.status_code == 422
    assert person.email not in wrong.text
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(BrowserSignIn)) == 0


async def test_only_providers_that_lead_back_to_us_can_be_named(
    db: Database, visitor: Browser
) -> None:
    await visitor.open("/oauth/device")
    action, held = visitor.form("sign-in")

    for name in ("apps", "nobody", ""):
        await visitor.post(action, {**held, "step": "elsewhere"}, provider=name)
        assert visitor.page.status_code == 422
        assert "refresh" not in visitor.page.headers


async def test_a_second_factor_is_asked_for_on_the_page(
    db: Database, ask: Ask, tokens: Tokens, new_browser: Callable[[], Browser]
) -> None:
    client, user = await client_and_shopper(db, is_first_party=True)
    async with db.transaction() as session:
        own = ask.as_(await open_session(session, tokens, user))
    protected = await protect(own)
    browser = new_browser()
    await browser.open(address(client))

    asked = await browser.sign_in(user.email)
    wrong = await browser.submit("second-factor", code="000000")
    await browser.submit("second-factor", code=protected.code())

    assert asked.status_code == 200
    assert wrong.status_code == 422
    assert browser.answer()["code"]
