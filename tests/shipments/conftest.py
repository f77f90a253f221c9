"""A sale to ship."""

import pytest

from auth.tokens import Tokens
from core.db import Database
from tests.asking import Ask
from tests.shipments.steps import Sale, make_sale


@pytest.fixture
async def sale(db: Database, ask: Ask, tokens: Tokens) -> Sale:
    """Three units of one variant, paid, of ten in stock."""
    return await make_sale(db, ask, tokens)
