"""A server as a stock container is: TLS and credentials. See tests/secured.py."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.settings import Settings
from search.elastic.client import connected
from search.elastic.engine import Elastic
from search.engine import EngineFailed
from tests.secured import API_KEY, PASSWORD, USER, Secured, make_certificates, secured

BY_PASSWORD = {"elasticsearch_user": USER, "elasticsearch_password": SecretStr(PASSWORD)}
BY_KEY = {"elasticsearch_api_key": SecretStr(API_KEY)}
WRONG = "wr0ng-secret"


@pytest.fixture
async def guarded(elasticsearch_server: str, tmp_path: Path) -> AsyncIterator[Secured]:
    async with secured(elasticsearch_server, tmp_path / "certificates") as server:
        yield server


async def check(settings: Settings, guarded: Secured, **told: Any) -> None:
    given = {"elasticsearch_url": guarded.url, "elasticsearch_ca": guarded.ca, **told}
    own = settings.model_copy(update=given)
    async with connected(own) as client:
        await Elastic(client, own).check()


@pytest.mark.usefixtures("elastic")
@pytest.mark.parametrize("credentials", [BY_PASSWORD, BY_KEY], ids=["password", "API key"])
async def test_the_right_credentials_open_it(
    elastic_settings: Settings, guarded: Secured, credentials: dict[str, Any]
) -> None:
    await check(elastic_settings, guarded, **credentials)


@pytest.mark.usefixtures("elastic")
@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"elasticsearch_user": USER, "elasticsearch_password": SecretStr(WRONG)},
        {"elasticsearch_user": USER, "elasticsearch_password": SecretStr(f"{WRONG} 密码")},
        {"elasticsearch_api_key": SecretStr(WRONG)},
    ],
    ids=["none", "password", "password beyond ASCII", "API key"],
)
async def test_others_do_not_and_no_log_tells_them(
    elastic_settings: Settings,
    guarded: Secured,
    credentials: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineFailed, match="status 401") as failed:
        await check(elastic_settings, guarded, **credentials)

    assert WRONG not in caplog.text
    assert WRONG not in str(failed.value)


@pytest.mark.usefixtures("elastic")
async def test_a_server_that_our_authority_did_not_sign_is_not_talked_to(
    elastic_settings: Settings, guarded: Secured, tmp_path: Path
) -> None:
    another = make_certificates(tmp_path / "others")

    for authority in (another, None):
        with pytest.raises(EngineFailed, match=r"TlsError|ConnectionError"):
            await check(elastic_settings, guarded, elasticsearch_ca=authority, **BY_PASSWORD)


async def test_a_certificate_that_is_not_there_is_told_at_once(
    elastic_settings: Settings, guarded: Secured, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await check(elastic_settings, guarded, elasticsearch_ca=tmp_path / "nothing.crt")
