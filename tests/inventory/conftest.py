"""A stall and somebody who keeps its stock."""

import pytest

from auth.tokens import Tokens
from core.db import Database
from tests.asking import Ask
from tests.factories.accounts import make_staff, sign_in
from tests.factories.shops import Stall, make_stall


@pytest.fixture
async def stall(db: Database) -> Stall:
    """Ten units of one variant in one warehouse."""
    async with db.transaction() as session:
        return await make_stall(session)


@pytest.fixture
async def keeper(db: Database, ask: Ask, tokens: Tokens, stall: Stall) -> Ask:
    """Staff of the stall with all that inventory needs."""
    async with db.transaction() as session:
        user = await make_staff(session, stall.merchant, "MANAGE_INVENTORY", "MANAGE_WAREHOUSES")
        return ask.as_(await sign_in(session, tokens, user))


@pytest.fixture
async def stranger(db: Database, ask: Ask, tokens: Tokens) -> Ask:
    """The same of another merchant."""
    async with db.transaction() as session:
        other = await make_stall(session)
        user = await make_staff(session, other.merchant, "MANAGE_INVENTORY", "MANAGE_WAREHOUSES")
        return ask.as_(await sign_in(session, tokens, user))
