"""Elasticsearch as our child: built once, keeps its data, never outlives us."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.elasticsearch import build
from deploy.elasticsearch.build import built
from deploy.embedded.elasticsearch import EmbeddedElasticsearch
from deploy.embedded.process import FolderInUse, FolderLock, ProgramFailed, free_port
from tests.search_nodes import OnDemand, OwnElasticsearch

ROOT = Path(__file__).resolve().parents[2]
BUILDS = """
import pathlib, sys
from deploy.elasticsearch.build import built

print(built(pathlib.Path(sys.argv[1])).folder)
"""


@pytest.fixture
def foreground(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """What `make search-up` runs, ready."""
    process = _search_up(tmp_path, port=free_port())
    assert process.stdout
    for line in process.stdout:
        if "ELASTICSEARCH_URL=" in line:
            break
    yield process
    process.kill()
    process.communicate()


def test_the_node_of_the_run_answers_and_is_what_the_pom_names(elasticsearch_server: str) -> None:
    told = httpx.get(elasticsearch_server).json()["version"]["number"]

    assert told.removesuffix("-SNAPSHOT") == build._version()


def test_what_was_acknowledged_survives_a_kill_at_the_same_address(
    own_elasticsearch: OwnElasticsearch,
) -> None:
    url, pid = own_elasticsearch.url, own_elasticsearch.pid
    httpx.put(f"{url}/kept/_doc/1", json={"word": "kept"}).raise_for_status()

    own_elasticsearch.kill()
    own_elasticsearch.start()
    kept = httpx.get(f"{url}/kept/_doc/1").raise_for_status().json()

    assert kept["_source"] == {"word": "kept"}
    assert own_elasticsearch.pid != pid


def test_a_paused_node_answers_nothing_until_it_goes_on(
    own_elasticsearch: OwnElasticsearch,
) -> None:
    own_elasticsearch.pause()

    with pytest.raises(httpx.ReadTimeout):
        httpx.get(own_elasticsearch.url, timeout=0.5)

    own_elasticsearch.resume()
    assert httpx.get(own_elasticsearch.url, timeout=10).is_success


def test_a_paused_node_is_stopped_at_once(own_elasticsearch: OwnElasticsearch) -> None:
    own_elasticsearch.pause()

    began = time.monotonic()
    own_elasticsearch.stop()

    assert not own_elasticsearch.running
    assert time.monotonic() - began < 10


def test_a_second_run_on_the_same_data_is_refused_and_the_first_goes_on(
    own_elasticsearch: OwnElasticsearch,
) -> None:
    with pytest.raises(FolderInUse, match="in use by another run"):
        EmbeddedElasticsearch(own_elasticsearch.home, node=built()).start()

    assert httpx.get(own_elasticsearch.url).is_success


def test_a_port_of_another_program_is_refused_instead_of_taking_it_for_ours(
    own_elasticsearch: OwnElasticsearch, tmp_path: Path
) -> None:
    second = EmbeddedElasticsearch(tmp_path, node=built(), port=own_elasticsearch.port)

    with pytest.raises(ProgramFailed, match="Another program listens on"):
        second.start()

    assert not second.running


def test_a_node_that_can_not_start_says_why(tmp_path: Path) -> None:
    server = EmbeddedElasticsearch(tmp_path, node=built(), settings={"no.such.setting": "1"})

    with pytest.raises(ProgramFailed, match=r"unknown setting \[no.such.setting\]"):
        server.start()

    assert not server.running


def test_the_command_for_developers_refuses_a_second_run_and_stops_when_told(
    foreground: subprocess.Popen[str], tmp_path: Path
) -> None:
    node = psutil.Process(foreground.pid).children()[0]
    second = _search_up(tmp_path, port=free_port())
    said, _ = second.communicate(timeout=60)

    foreground.terminate()
    foreground.communicate(timeout=30)

    assert "already runs with the data in" in said
    assert second.returncode == 1
    assert foreground.returncode == 0
    assert not node.is_running()


def test_killing_the_command_leaves_no_node_behind(foreground: subprocess.Popen[str]) -> None:
    node = psutil.Process(foreground.pid).children()[0]

    foreground.kill()

    assert psutil.wait_procs([node], timeout=20)[1] == []


def test_two_who_need_the_node_at_once_build_it_once(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    builders = [
        subprocess.Popen(
            [sys.executable, "-c", BUILDS, cache],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    told = [builder.communicate(timeout=300) for builder in builders]

    folders = {folder.strip() for folder, _ in told}
    assert len(folders) == 1, told
    assert sorted(said.count("Building Elasticsearch") for _, said in told) == [0, 1]
    assert {file.name for file in cache.iterdir()} == {"lock", Path(folders.pop()).name}


def test_changed_sources_are_another_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jdk = build._find_jdk()
    before = build._digest(jdk)
    changed = tmp_path / "sources"
    changed.mkdir()
    (changed / "Any.java").write_text("class Any {}")

    monkeypatch.setattr(build, "SOURCES", changed)

    assert build._digest(jdk) != before


@pytest.mark.parametrize(
    ("lacking", "named"), [("jdk", "a JDK 21 or newer with `javac`"), ("mvn", "Maven")]
)
def test_what_is_missing_for_building_is_named_with_the_command(
    lacking: str, named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(build._find_jdk()) if lacking == "mvn" else "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "PLACES_OF_JDKS", ())

    with pytest.raises(ProgramFailed, match=named) as refused:
        built(tmp_path / "cache")

    assert "run `tools/install_system.sh`" in str(refused.value)
    assert not [*tmp_path.glob("cache/*-*")]


def test_a_run_that_can_not_have_a_node_tells_the_reason_to_all_who_ask(tmp_path: Path) -> None:
    server = OnDemand(tmp_path / "run")
    server.start()
    lock = FolderLock(tmp_path / "run")

    for _ in range(2):
        with pytest.raises(ProgramFailed, match="in use by another run"):
            OnDemand.address(server.counter)

    lock.release()
    server.stop()


def _search_up(data_dir: Path, *, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.elasticsearch", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
