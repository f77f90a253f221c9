"""What a search costs: through the shop, and asked of Elasticsearch directly."""

import contextlib
import sys
import time
from dataclasses import dataclass
from typing import Final

import httpx
import orjson
import psutil  # type: ignore[import-untyped]  # it ships no types

from bench import checks
from bench.measure import Bench, Name
from bench.requests import SEARCHED, Request, Workload
from bench.servers import Server
from core.settings import Settings
from search.elastic import asking
from search.elastic.shape import alias
from search.question import Need, Part, Question
from search.words import parse
from tools import reindex

HITS: Final = 24


def direct() -> Workload:
    """The same searches as the shop sends them, without the shop."""
    needs = frozenset({Need.HITS, Need.COUNT, Need.FACETS})
    questions = [Question(parse(text), part=Part(HITS), needs=needs) for text in SEARCHED]
    return Workload([Request(orjson.dumps(asking.search(each))) for each in questions])


@dataclass(frozen=True)
class Engine:
    """A server of Elasticsearch, as `bench.measure` looks at servers."""

    address: str
    pid: int

    def url(self, path: str) -> str:
        return f"{self.address}{path}"

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


def add(
    bench: Bench, shop: Server, large: Server | None, workloads: dict[str, dict[str, Workload]]
) -> None:
    """The search of `shop` and `large` beside the stand-in and Elasticsearch without the shop."""
    machine, databases = bench.machine, list(workloads)
    engine = Engine(machine.elasticsearch.url, machine.elasticsearch.pid)
    straight = direct()
    for database, server, size in zip(
        (databases[0], databases[-1]), (shop, large), ("", ", large"), strict=True
    ):
        if server is None:
            continue
        asked = workloads[database]["w3"]
        standin = machine.serve("app:app", database)
        standin.wait()
        for each, is_standin in ((server, False), (standin, True)):
            _check(each, asked, is_degraded=is_standin)
        bench.add(Name("w3", f"stand-in{size}"), standin, "/graphql", asked, database=database)
        path = f"/{alias(database)}/_search"
        bench.add(Name("w3", f"engine{size}"), engine, path, straight, database=database)


def _check(server: Server, workload: Workload, *, is_degraded: bool) -> None:
    """Raises: RuntimeError when another engine answers, or nothing is found."""
    for sent in workload.requests:
        found = checks.answer(server, "/graphql", sent)["data"]["searchProducts"]
        if found["degraded"] != is_degraded or len(found["nodes"]) < HITS:
            raise RuntimeError(f"{sent.body!r} finds {found!r:.300}")


async def index(settings: Settings, *, products: int) -> float:
    """Makes documents and an index of all products, unless they are there; the seconds it took."""
    started = time.perf_counter()
    url, prefix = settings.elasticsearch_url, settings.elasticsearch_index
    async with httpx.AsyncClient(base_url=url, timeout=60) as elasticsearch:
        answer = await elasticsearch.get(f"/{alias(prefix)}/_count")
        if answer.is_success and answer.json()["count"] == products:
            return 0.0
        await _delete_older(elasticsearch, prefix)
    with contextlib.redirect_stdout(sys.stderr):
        if await reindex.run(settings, is_rolled_back=False):
            raise RuntimeError("The index was not built.")
    return time.perf_counter() - started


async def _delete_older(elasticsearch: httpx.AsyncClient, prefix: str) -> None:
    """Indices of a database of this size that is no more."""
    beginning = prefix.rpartition("_")[0]
    for name in (await elasticsearch.get(f"/{beginning}_*/_settings")).json():
        (await elasticsearch.delete(f"/{name}")).raise_for_status()
