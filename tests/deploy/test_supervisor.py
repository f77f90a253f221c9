"""`python app.py` as its user meets it: real processes, a data folder and a port of their own."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.embedded.postgres import run_sql
from deploy.embedded.process import free_port
from tests.running import Marketfront, becomes_true

QUESTION = json.dumps({"query": "{ __typename }"}).encode()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marketfront")


@pytest.fixture
def start(data_dir: Path) -> Iterator[Callable[[], Marketfront]]:
    started: list[Marketfront] = []
    port = free_port()

    def begin() -> Marketfront:
        started.append(Marketfront(data_dir, port))
        return started[-1]

    yield begin
    for run in started:
        if run.process.poll() is None:
            run.kill_everything()


def test_it_says_where_everything_is_and_survives_the_killing_of_all_its_processes(
    start: Callable[[], Marketfront],
) -> None:
    first = start()
    said = first.wait_until_ready()
    run_sql(first.database(), "CREATE TABLE kept AS SELECT 'kept' AS word")
    first.kill_everything()

    second = start()
    second.wait_until_ready()

    assert f"http://127.0.0.1:{first.port}/graphql" in said
    assert str(first.data_dir) in said
    assert second.status("/healthz") == 200
    assert run_sql(second.database(), "SELECT word FROM kept") == "kept"


def test_a_second_run_with_the_same_data_is_refused_in_words(
    start: Callable[[], Marketfront],
) -> None:
    first = start()
    first.wait_until_ready()

    second = start()
    status = second.process.wait(20)
    said = second.output.read_text()

    assert status == 1
    assert "already runs with the data in" in said
    assert "Traceback" not in said
    assert first.status("/healthz") == 200


def test_what_dies_is_started_again(start: Callable[[], Marketfront]) -> None:
    run = start()
    run.wait_until_ready()

    run.child("deploy.server").kill()
    run.child("-m workers").kill()
    run.child("bin/postgres").kill()

    assert becomes_true(lambda: run.status("/readyz") == 200)
    assert becomes_true(lambda: run.child("-m workers").is_running())
    assert run_sql(run.database(), "SELECT 1") == "1"


def test_being_told_to_stop_it_finishes_the_request_in_flight(
    start: Callable[[], Marketfront],
) -> None:
    run = start()
    run.wait_until_ready()
    family = psutil.Process(run.process.pid).children(recursive=True)

    with socket.create_connection(("127.0.0.1", run.port), timeout=30) as shopper:
        shopper.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%b" % (len(QUESTION), QUESTION[:5])
        )
        time.sleep(0.3)  # the half that was sent has to arrive
        run.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        shopper.sendall(QUESTION[5:])
        answer = http.client.HTTPResponse(shopper)
        answer.begin()
        body = json.loads(answer.read())
    status = run.process.wait(30)

    assert answer.status == 200
    assert body == {"data": {"__typename": "Query"}}
    assert status == 0
    assert not [member for member in family if member.is_running()]
