"""A merchant whose shop takes imports."""

from pathlib import Path

import pytest

from core.db import Database
from tests.factories.merchants import make_merchant
from tests.imports.files import Importing


@pytest.fixture
async def importing(db: Database, tmp_path: Path) -> Importing:
    async with db.transaction() as session:
        merchant = await make_merchant(session)
    return Importing(db, tmp_path, merchant.id)
