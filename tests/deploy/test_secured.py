"""The guarded Elasticsearch of the tests: it is as strict as a stock one, and else the same."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from elastic_transport import TlsError
from elasticsearch import AsyncElasticsearch, AuthenticationException

from tests.secured import API_KEY, PASSWORD, USER, Secured, make_certificates, secured


@pytest.fixture
async def guarded(elasticsearch_server: str, tmp_path: Path) -> AsyncIterator[Secured]:
    async with secured(elasticsearch_server, tmp_path / "certificates") as running:
        yield running


@pytest.mark.parametrize("way", [{"basic_auth": (USER, PASSWORD)}, {"api_key": API_KEY}])
async def test_who_trusts_its_signer_and_has_credentials_works_there(
    guarded: Secured, elasticsearch_prefix: str, way: dict
) -> None:
    index = f"{elasticsearch_prefix}-guarded"

    async with AsyncElasticsearch(guarded.url, ca_certs=str(guarded.ca), **way) as client:
        written = await client.index(index=index, id="a/b 手", document={"n": 1}, refresh=True)
        found = await client.search(index=index, query={"match_all": {}})
        await client.indices.delete(index=index)

    assert written["result"] == "created"
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["a/b 手"]


@pytest.mark.parametrize("way", [{}, {"basic_auth": (USER, "wrong")}, {"api_key": "d3Jvbmc="}])
async def test_without_credentials_nobody_comes_in(guarded: Secured, way: dict) -> None:
    async with AsyncElasticsearch(guarded.url, ca_certs=str(guarded.ca), **way) as client:
        with pytest.raises(AuthenticationException):
            await client.info()


async def test_a_signer_that_is_not_trusted_is_refused_before_credentials_are_sent(
    guarded: Secured, tmp_path: Path
) -> None:
    other = make_certificates(tmp_path / "others")

    async with AsyncElasticsearch(guarded.url, ca_certs=str(other), api_key=API_KEY) as client:
        with pytest.raises(TlsError):
            await client.info()
