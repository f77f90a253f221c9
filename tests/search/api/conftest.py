"""A shop to be searched."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from core.db import Database, Reader
from resolvers.loaders.base import forget_snapshots
from tests.search.api.scene import Scene, open_shop


@pytest.fixture
async def scene(db: Database, reader: Reader) -> Scene:
    return await open_shop(db, reader)


@pytest.fixture
def forget() -> Callable[[], None]:
    """What five seconds would do: reference tables are read again."""
    return forget_snapshots


@pytest.fixture
def round_trips(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the engine is asked for, each time it is."""
    search, seen = app.state.shop.search, list[str]()

    def told(name: str) -> None:
        ask = getattr(search, name)

        async def asked(*arguments: object) -> object:
            seen.append(name)
            return await ask(*arguments)

        monkeypatch.setattr(search, name, asked)

    for name in ("search", "counts", "corrected"):
        told(name)
    return seen
