"""A shop that takes cards at a sandbox, and listens for its callbacks."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from app import new_app
from core.settings import Settings
from deploy.embedded.process import free_port
from tests.listening import listening
from tests.payments.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox


@pytest.fixture(scope="session")
def shop_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
async def card_sandbox(
    tmp_path_factory: pytest.TempPathFactory, shop_port: int
) -> AsyncIterator[Sandbox]:
    """One sandbox for all tests here; its callbacks wait until a test lets them go."""
    address = f"http://127.0.0.1:{shop_port}/webhooks/card"
    async with Sandbox.running(tmp_path_factory.mktemp("cards"), webhook_url=address) as running:
        await running.control("POST", "webhooks/hold")
        yield running


@pytest.fixture(scope="session")
async def app(
    settings: Settings, card_sandbox: Sandbox, shop_port: int
) -> AsyncIterator[Starlette]:
    """The application with a card provider that loses patience soon, on a port of its own."""
    application = new_app(
        settings.model_copy(
            update={
                "stripe_api_key": SecretStr(API_KEY),
                "stripe_api_base": card_sandbox.url,
                "stripe_webhook_secret": SecretStr(WEBHOOK_SECRET),
            }
        )
    )
    async with application.router.lifespan_context(application):
        hasty = card_sandbox.provider(timeout=1)
        application.state.shop = replace(application.state.shop, providers={"card": hasty})
        async with listening(application, port=shop_port):
            yield application
        await hasty.aclose()


@pytest.fixture(scope="session")
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as opened:
        yield opened


@pytest.fixture
async def sandbox(card_sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    """The sandbox, without faults that another test ordered."""
    yield card_sandbox
    await card_sandbox.control("DELETE", "faults")
