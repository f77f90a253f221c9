"""Ann, signed in; and Ann with one-time codes, a device and recovery codes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from core import clock
from core.db import Database
from models.accounts import User
from tests.accounts.conftest import ann, password_hash  # noqa: F401 - fixtures
from tests.accounts.operations import PASSWORD, sign_in
from tests.asking import Ask
from tests.factors.operations import CONFIRM, SETUP, SIGN_IN, Device, done

Own = Callable[[], Awaitable[Ask]]


@pytest.fixture
async def own(ask: Ask, ann: User) -> Ask:  # noqa: F811 - a fixture
    return ask.as_((await sign_in(ask))["accessToken"])


@dataclass
class Protected:
    """An account with one-time codes: its owner, device and recovery codes."""

    own: Ask
    device: Device
    recovery_codes: list[str] = field(repr=False)
    at: datetime

    def code(self, *, steps: int = 1) -> str:
        """The code `steps` after the one that confirmed the device."""
        return self.device.code(self.at, steps=steps)


@pytest.fixture
async def protected(own: Ask) -> Protected:
    return await protect(own)


async def protect(own: Ask) -> Protected:
    at = clock.now()
    device = Device((await done(own, SETUP))["secret"])
    confirmed = await done(own, CONFIRM, code=device.code(at))
    assert confirmed["userErrors"] == [], confirmed
    return Protected(own, device, confirmed["recoveryCodes"], at)


async def ticket(ask: Ask) -> str:
    """Of a sign-in with Ann's password that waits for the second factor."""
    payload = await done(ask, SIGN_IN, email="ann@example.com", password=PASSWORD)
    [refusal] = payload["userErrors"]
    assert refusal["__typename"] == "SecondFactorRequired", refusal
    text: str = refusal["ticket"]
    return text


async def kept(db: Database, *tables: Any) -> list[list[Any]]:
    """The rows of tables, to see that nothing has changed."""
    async with db.transaction() as session:
        return [
            sorted(map(tuple, (await session.execute(table.__table__.select())).all()), key=repr)
            for table in tables
        ]
