"""A relay, and settings that send letters to it."""

from collections.abc import AsyncIterator

import pytest

from core.settings import Settings
from integrations.mail import postman
from services.mail import Postman
from tests.mail.relay import Relay, running_relay


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    async with running_relay() as running:
        yield running


@pytest.fixture
def carrier(settings: Settings, relay: Relay) -> Postman:
    return postman(sent_by(settings, f"smtp+plain://127.0.0.1:{relay.port}"))


def sent_by(settings: Settings, smtp_url: str) -> Settings:
    changed = settings.model_dump() | {
        "smtp_url": smtp_url,
        "public_url": "https://shop.example",
        "mail_from": "Shop of shops <hello@shop.example>",
    }
    return Settings(_env_file=None, **changed)
