"""The keys of the application, and news that never age."""

import math
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url
from starlette.applications import Starlette

from auth.keys import Keys
from auth.news import News
from deploy.embedded.postgres import run_sql


@pytest.fixture
def keys(app: Starlette) -> Keys:
    found: Keys = app.state.keys
    return found


@pytest.fixture
def always_heard(app: Starlette) -> News:
    """News that are as good as new for ever."""
    news = News(app.state.shop.redis)
    news.heard_until = math.inf
    return news


@pytest.fixture(scope="module")
def database_of_module(postgres_server: str, template_database: str) -> Iterator[str]:
    """A database that the processes of one module share."""
    name = f"{template_database.removesuffix('template')}{uuid.uuid4().hex[:12]}"
    run_sql(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template_database}"')
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    run_sql(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')
