"""Fixtures of the tests of customers."""

import pytest

from auth.tokens import Tokens
from core.db import Database
from tests.asking import Ask
from tests.customers.scene import Scene, make_scene


@pytest.fixture
async def scene(db: Database, tokens: Tokens, ask: Ask) -> Scene:
    return await make_scene(db, tokens, ask)
