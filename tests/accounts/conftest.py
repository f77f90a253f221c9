"""An account whose password is known."""

import pytest
from redis.asyncio import Redis
from starlette.applications import Starlette

from auth.passwords import hashed
from core.db import Database
from models.accounts import User
from tests.accounts.operations import PASSWORD
from tests.factories.accounts import make_user


@pytest.fixture(scope="session")
async def password_hash() -> str:
    return await hashed(PASSWORD)


@pytest.fixture
async def ann(db: Database, password_hash: str) -> User:
    async with db.transaction() as session:
        return await make_user(session, email="ann@example.com", password_hash=password_hash)


@pytest.fixture
def redis(app: Starlette, clean: None) -> Redis:
    opened: Redis = app.state.shop.redis
    return opened
