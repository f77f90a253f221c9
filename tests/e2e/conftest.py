"""One real running shop with demo data for all tests of this folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.embedded.process import free_port
from tests.running import Marketfront


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share one shop: one worker runs them all."""
    for item in items:
        if "e2e" in Path(item.path).parts:
            item.add_marker(pytest.mark.xdist_group("e2e"))


@contextmanager
def running(folder: Path) -> Iterator[Marketfront]:
    run = Marketfront(folder / "data", free_port())
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.kill_everything()


@pytest.fixture(scope="session")
def shop_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Marketfront]:
    with running(tmp_path_factory.mktemp("shop")) as run:
        yield run


@pytest.fixture(scope="session")
def running_shop(shop_process: Marketfront) -> str:
    """Its base URL."""
    return shop_process.url


@pytest.fixture(scope="module")
def fresh_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a shop in which nobody has done anything yet."""
    with running(tmp_path_factory.mktemp("fresh")) as run:
        yield run.url
