"""WeChat's flavour: its own names, errors with status 200, no e-mail address."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from app import new_app
from core.db import Database
from core.login_providers import LoginProvider
from core.settings import Settings
from deploy.embedded.process import free_port
from models.accounts import User  # noqa: F401 - the fixture ann is one
from models.factors import Identity
from tests.accounts.operations import refused, sign_in
from tests.asking import Ask
from tests.factors.operations import done
from tests.factors.outside import CALLBACK, FINISH, LINK, start
from tests.factors.serving import ROOT
from tests.factors.wechat_sandbox import APP, SECRET

pytestmark = pytest.mark.xdist_group("wechat")  # one process for all


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[str]:
    """The address of a running sandbox."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.factors.wechat_sandbox", str(port), cwd=ROOT
    )
    async with httpx.AsyncClient() as http:
        for _ in range(300):
            with suppress(httpx.TransportError):
                await http.get(f"{address}/sns/userinfo")
                break
            await asyncio.sleep(0.1)
    yield address
    process.terminate()
    await process.wait()


@pytest.fixture
def provider(sandbox: str) -> LoginProvider:
    return LoginProvider(
        name="wechat",
        label="微信",
        kind="wechat",
        client_id=APP,
        client_secret=SECRET,
        redirect_uris=[CALLBACK],
        authorization_endpoint=f"{sandbox}/connect/qrconnect",
        token_endpoint=f"{sandbox}/sns/oauth2/access_token",
        userinfo_endpoint=f"{sandbox}/sns/userinfo",
    )


@pytest.fixture
async def shop(settings: Settings, provider: LoginProvider) -> AsyncIterator[Starlette]:
    application = new_app(settings.model_copy(update={"login_providers": [provider]}))
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def ask(shop: Starlette, clean: None) -> AsyncIterator[Ask]:
    transport = httpx.ASGITransport(app=shop)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield Ask(client)


async def scan(ask: Ask, person: str) -> dict[str, str]:
    """What comes back of a person who scans the code with their phone."""
    started = await start(ask, "wechat")
    address, _, fragment = started["address"].partition("#")
    assert fragment == "wechat_redirect"
    async with httpx.AsyncClient() as browser:
        page = await browser.get(f"{address}&as={person}")
    query = parse_qs(urlsplit(page.headers["location"]).query)
    assert query["state"] == [started["state"]]
    return {
        "code": query["code"][0],
        "state": started["state"],
        "verifier": started["verifier"],
    }


@pytest.mark.parametrize("person", ["wei", "app-only-wei"])
async def test_who_opened_an_account_and_linked_it_enters_by_scanning(
    db: Database, ann: Any, ask: Ask, person: str
) -> None:
    unknown = await done(ask, FINISH, **await scan(ask, person))
    own = ask.as_((await sign_in(ask))["accessToken"])
    linked = await done(own, LINK, ticket=unknown["userErrors"][0]["ticket"])
    entered = await done(ask, FINISH, **await scan(ask, person))
    other = await done(ask, FINISH, **await scan(ask, f"{person}-2"))

    assert refused(unknown) == [("LinkRequired", None)]
    assert linked["userErrors"] == []
    assert entered["user"]["email"] == "ann@example.com"
    assert refused(other) == [("LinkRequired", None)]


@pytest.mark.parametrize(
    ("person", "suffix", "subject"),
    [("wei", "", "u-wei"), ("app-only-wei", f"/{APP}", "o-app-only-wei")],
)
async def test_the_id_of_one_app_is_not_taken_for_that_of_all(
    db: Database, ann: Any, ask: Ask, sandbox: str, person: str, suffix: str, subject: str
) -> None:
    ticket = (await done(ask, FINISH, **await scan(ask, person)))["userErrors"][0]["ticket"]
    own = ask.as_((await sign_in(ask))["accessToken"])
    await done(own, LINK, ticket=ticket)

    async with db.transaction() as session:
        [row] = (await session.execute(select(Identity.issuer, Identity.subject))).all()
    assert tuple(row) == (f"{urlsplit(sandbox).netloc}{suffix}", subject)


async def test_a_code_is_good_once(ask: Ask) -> None:
    first = await scan(ask, "wei")
    second = await scan(ask, "wei")
    await done(ask, FINISH, **first)

    payload = await done(ask, FINISH, **(second | {"code": first["code"]}))

    assert refused(payload) == [("ProviderRefused", None)]


async def test_neither_secret_nor_code_nor_token_is_logged(
    ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        came = await scan(ask, "wei")
        payload = await done(ask, FINISH, **came)
        await done(ask, FINISH, **(await scan(ask, "wei") | {"code": "a-forged-code"}))

    ticket = payload["userErrors"][0]["ticket"]
    own = [record for record in caplog.records if record.name != "httpx"]  # the test's browser
    shown = "\n".join(f"{record.getMessage()} {vars(record)}" for record in own)
    for secret in (SECRET, SECRET.replace(" ", "+"), came["code"], came["verifier"], ticket):
        assert secret not in shown
    assert "it answers with error 40029" in shown
