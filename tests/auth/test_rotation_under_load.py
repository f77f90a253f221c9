"""Keys are replaced again and again while people come and go: nobody with a good token is refused.

Real processes; each token is made by one and shown to the other at once.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from auth import rotation
from auth.news import announce
from core import redis
from core.db import Database
from core.settings import Settings
from tests.auth.forging import parts
from tests.auth.processes import Web, web_processes

ROTATIONS = 4
SHOPPERS = 6
SETTLED = timedelta(seconds=2.5)  # longer than processes wait before they read the keys again
CART = "mutation { cartCreate(input: {lines: []}) { guestToken } }"


@pytest.fixture(scope="module")
async def own(settings: Settings, database_of_module: str) -> Settings:
    return settings.model_copy(update={"database_url": database_of_module})


@pytest.fixture(scope="module")
async def webs(own: Settings) -> AsyncIterator[list[Web]]:
    environment = {
        "DATABASE_URL": own.database_url,
        "REDIS_URL": own.redis_url,
        "TOKEN_SECRET": own.token_secret.get_secret_value(),
        "DATA_DIR": str(own.data_dir),
        "LOG_LEVEL": "ERROR",
    }
    async with web_processes(environment, 2) as started:
        yield started


@pytest.fixture(scope="module")
async def db(own: Settings) -> AsyncIterator[Database]:
    opened = Database(own.database_url, size=2)
    yield opened
    await opened.close()


class Crowd:
    """Shoppers who get tokens from one process and show them to both, old ones and new ones."""

    def __init__(self, webs: list[Web]) -> None:
        self.webs = webs
        self.tokens: list[str] = []
        self.answers: Counter[int] = Counter()
        self.is_leaving = False

    async def shop(self, number: int) -> None:
        for turn in itertools.count(number):
            if self.is_leaving:
                return
            maker, other = self.webs[turn % 2], self.webs[1 - turn % 2]
            token = await self.new_token(maker)
            self.tokens.append(token)
            old = self.tokens[turn * 7919 % len(self.tokens)]
            for web, shown in ((other, token), (maker, token), (other, old)):
                self.answers[await web.status(shown)] += 1

    async def new_token(self, web: Web) -> str:
        response = await web.http.post("/graphql", json={"query": CART})
        token: str = response.json()["data"]["cartCreate"]["guestToken"]
        return token

    @property
    def keys(self) -> set[str]:
        return {parts(token)[0]["kid"] for token in self.tokens}


async def under_load(crowd: Crowd, rotations: asyncio.Task[None]) -> None:
    shoppers = [asyncio.create_task(crowd.shop(number)) for number in range(SHOPPERS)]
    try:
        await rotations
        await asyncio.sleep(0.5)
    finally:
        crowd.is_leaving = True
        await asyncio.gather(*shoppers)


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "found-out"])
async def test_no_good_token_is_refused_while_keys_are_replaced(
    webs: list[Web], db: Database, own: Settings, *, is_told: bool
) -> None:
    crowd, voice = Crowd(webs), redis.connect(own.redis_url)

    async def rotate() -> None:
        for _ in range(ROTATIONS):
            await asyncio.sleep(SETTLED.total_seconds() + 0.2)
            await rotation.rotate(db, own, settled=SETTLED)
            if is_told:
                await announce(voice, keys=True)

    await under_load(crowd, asyncio.create_task(rotate()))
    await voice.aclose()

    assert crowd.answers.keys() == {200}, crowd.answers
    assert crowd.answers.total() > 100
    assert len(crowd.keys) >= ROTATIONS
