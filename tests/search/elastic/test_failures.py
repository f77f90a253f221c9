"""Whatever goes wrong with Elasticsearch is one kind of failure, and soon; it tells no secrets."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from core.settings import Settings
from deploy.embedded.process import free_port
from search.elastic.client import connected
from search.elastic.engine import Elastic
from search.elastic.shape import alias
from search.engine import EngineFailed
from search.question import Need, Question
from search.words import parse
from tests.search.catalogue import DOCUMENTS
from tests.search.elastic.canned import WHOLE, Canned, canned
from tests.search.elastic.filling import fill
from tests.search_nodes import OwnElasticsearch

DEADLINE = timedelta(milliseconds=300)
SECRET_WORDS = "a present for grandmother"

Make = Callable[[str], Elastic]


@pytest.fixture
async def make(settings: Settings) -> AsyncIterator[Make]:
    """An engine that asks an address."""
    clients = []

    def engine(url: str) -> Elastic:
        told = settings.model_copy(update={"elasticsearch_url": url, "search_deadline": DEADLINE})
        clients.append(connected(told))
        return Elastic(clients[-1], told)

    yield engine
    for client in clients:
        await client.close()


@pytest.fixture
async def server() -> AsyncIterator[Canned]:
    async with canned() as told:
        yield told


QUESTION = Question(parse(SECRET_WORDS), needs=frozenset(Need))
ASKED: list[Callable[[Elastic], Awaitable[Any]]] = [
    lambda engine: engine.search(QUESTION),
    lambda engine: engine.counts([QUESTION]),
    lambda engine: engine.corrected(QUESTION.words, "en"),
    lambda engine: engine.check(),
]
each_way = pytest.mark.parametrize("ask", ASKED, ids=["search", "counts", "corrected", "check"])


@each_way
async def test_nobody_there_is_a_failure(make: Make, ask: Callable[[Elastic], Any]) -> None:
    engine = make(f"http://127.0.0.1:{free_port()}")

    with pytest.raises(EngineFailed):
        await ask(engine)


@each_way
async def test_no_answer_is_a_failure_once_the_deadline_is_over(
    make: Make, server: Canned, ask: Callable[[Elastic], Any]
) -> None:
    server.body = None
    started = time.monotonic()

    with pytest.raises(EngineFailed):
        await ask(make(server.url))

    assert 0.25 < time.monotonic() - started < 4
    assert len(server.asked) == 1, "it does not try again"


PARTS = [
    {**WHOLE, "timed_out": True},
    {**WHOLE, "_shards": {"failed": 1}},
]


@pytest.mark.parametrize("part", PARTS)
@each_way
async def test_a_part_of_an_answer_is_a_failure(
    make: Make, server: Canned, ask: Callable[[Elastic], Any], part: dict[str, Any]
) -> None:
    server.answers({**part, "responses": [{**part, "status": 200}]})

    with pytest.raises(EngineFailed):
        await ask(make(server.url))


async def test_one_failed_count_fails_all(make: Make, server: Canned) -> None:
    server.answers({"responses": [{**WHOLE, "status": 200}, {"status": 404}]})

    with pytest.raises(EngineFailed, match="status 404"):
        await make(server.url).counts([QUESTION, QUESTION])


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "text",
        {"took": 1},
        {**WHOLE, "hits": None},
        {**WHOLE, "hits": {"hits": [{}]}, "aggregations": {}},
        {**WHOLE, "hits": {"hits": [{"sort": [1.0]}]}, "aggregations": {}},
        {**WHOLE, "hits": {"hits": [{"sort": [1.0, "no id"]}]}, "aggregations": {}},
        {**WHOLE, "aggregations": {"categories": {"buckets": [{"key": 5}]}}},
    ],
)
async def test_an_answer_that_is_none_is_a_failure(make: Make, server: Canned, body: Any) -> None:
    server.answers(body)

    with pytest.raises(EngineFailed):
        await make(server.url).search(QUESTION)


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff\xfe"])
async def test_an_answer_that_is_no_json_is_a_failure(
    make: Make, server: Canned, body: bytes
) -> None:
    server.body = body

    with pytest.raises(EngineFailed):
        await make(server.url).search(QUESTION)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429, 500, 502, 503, 504])
async def test_a_refusal_is_a_failure_that_repeats_nothing_of_the_question(
    make: Make, server: Canned, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    reason = f"failed to create query: {SECRET_WORDS}"
    error = {"type": "search_phase_execution_exception", "reason": reason}
    server.answers({"error": error, "status": status}, status=status)

    with caplog.at_level(logging.INFO), pytest.raises(EngineFailed) as failed:
        await make(server.url).search(QUESTION)

    assert str(failed.value) == f"status {status}: search_phase_execution_exception"
    assert "grandmother" not in caplog.text
    assert len(server.asked) == 1, "it does not try again"


async def test_a_server_of_another_kind_is_a_failure(make: Make, server: Canned) -> None:
    server.answers(WHOLE, **{"x-elastic-product": "Something else"})

    with pytest.raises(EngineFailed):
        await make(server.url).search(QUESTION)


async def test_a_warning_of_the_server_is_logged_and_no_failure(
    make: Make, server: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers(WHOLE, warning='299 Elasticsearch-9.5.3 "this goes away"')

    await make(server.url).check()

    assert "elasticsearch warns" in caplog.text


async def test_one_search_is_one_request_whatever_it_needs(make: Make, server: Canned) -> None:
    empty: dict[str, Any] = {"buckets": []}
    names = ["categories", "brands", "merchants", "prices", "availability", "ratings", "attributes"]
    server.answers({**WHOLE, "aggregations": dict.fromkeys(names, empty)})

    answer = await make(server.url).search(QUESTION)

    assert (answer.took_ms, answer.total, answer.hits) == (3, 0, [])
    assert len(server.asked) == 1


async def test_a_missing_index_is_a_failure(elastic_settings: Settings) -> None:
    nowhere = elastic_settings.model_copy(update={"elasticsearch_index": "nowhere"})
    async with connected(nowhere) as client:
        engine = Elastic(client, nowhere)

        with pytest.raises(EngineFailed, match="status 404"):
            await engine.search(QUESTION)
        with pytest.raises(EngineFailed):
            await engine.check()


async def test_an_index_without_its_parts_is_a_failure(elastic_settings: Settings) -> None:
    red = elastic_settings.model_copy(
        update={"elasticsearch_index": f"{elastic_settings.elasticsearch_index}-red"}
    )
    nobody = {"index.routing.allocation.require._name": "nobody"}
    async with connected(red) as client:
        await client.options(request_timeout=30).indices.create(
            index=alias(red.elasticsearch_index),
            settings=nobody,
            wait_for_active_shards=0,
            timeout="1s",
        )

        with pytest.raises(EngineFailed):
            await Elastic(client, red).check()


async def test_a_search_that_nobody_waits_for_any_more_is_given_up(
    make: Make, server: Canned
) -> None:
    server.body = None
    engine = make(server.url)
    task = asyncio.create_task(engine.search(QUESTION))
    await asyncio.sleep(0.05)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_node_that_stops_and_comes_back_is_asked_again(
    make: Make, own_elasticsearch: OwnElasticsearch, settings: Settings
) -> None:
    told = settings.model_copy(update={"elasticsearch_url": own_elasticsearch.url})
    async with connected(told) as client:
        prefix = settings.elasticsearch_index
        await fill(client.options(request_timeout=30), prefix, [DOCUMENTS[0]])
    engine = make(own_elasticsearch.url)

    async def answers() -> bool:
        for _ in range(40):  # a node that has just started is slow
            with contextlib.suppress(EngineFailed):
                return (await engine.search(Question(parse("lamp")))).hits != []
        return False

    assert await answers()
    own_elasticsearch.pause()
    started = time.monotonic()
    with pytest.raises(EngineFailed):
        await engine.check()
    assert time.monotonic() - started < 2
    own_elasticsearch.resume()
    assert await answers()
    own_elasticsearch.kill()
    with pytest.raises(EngineFailed):
        await engine.check()
    await asyncio.to_thread(own_elasticsearch.start)
    assert await answers()
