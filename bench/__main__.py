"""`python -m bench`: measures the shop beside its yardsticks, and prints one table.

Everything runs on 127.0.0.1, in processes started here: PostgreSQL, Valkey, and web processes on
one core, with PostgreSQL and the load on the others. Ratios of one run count, not its milliseconds.
"""

import argparse
import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bench import budget, checks, memory, peers, report, searching
from bench.measure import Bench, Name, figures
from bench.requests import Shopping, Workload
from bench.servers import (
    NOBODY,
    PATIENCE,
    PUBLIC_URL,
    SECRET,
    Cores,
    Machine,
    Server,
    database_name,
)
from bench.targets import LARGE
from core.settings import Settings
from tools.seed.loading import seed

OPERATIONS: Final = ("typename", "w1", "w2", "w3", "w4", "w5", "w6")
YARDSTICKS: Final = ("w1", "w2", "w5")


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="5 if not said; medians are shown")
    parser.add_argument("--seconds", type=int, default=2, help="of a measurement; 2 if not said")
    parser.add_argument(
        "--products", default="1000,100000", help="sizes, up to 1000000; the first is compared"
    )
    parser.add_argument("--only", default=",".join(OPERATIONS), help="operations: w1,w2")
    parser.add_argument("--peer", action="store_true", help="Mercurius too; needs Node.js and npm")
    parser.add_argument("--memory", action="store_true", help="100,000 requests instead")
    parser.add_argument("--folder", default=".data/bench", type=Path, help="kept for the next run")
    return parser.parse_args()


def settings_for(machine: Machine, database: str, *, has_search: bool) -> Settings:
    """As the servers have them, but with tokens that outlive the run."""
    node = machine.elasticsearch.url if has_search else ""
    settings = Settings(
        elasticsearch_url=node,
        elasticsearch_index=database,
        search_deadline=PATIENCE,
        database_url=machine.postgres.url(database),
        redis_url=machine.valkey.url(),
        token_secret=SecretStr(SECRET),
        environment="production",
        public_url=PUBLIC_URL,
        smtp_url=SecretStr(NOBODY),
        log_level="WARNING",
    )
    return settings.model_copy(update={"access_token_lifetime": timedelta(days=1)})


def prepared(
    machine: Machine, sizes: list[int], *, has_search: bool
) -> dict[str, dict[str, Workload]]:
    """Database name -> its workloads; fills what is not there."""
    found = {}
    for products in sizes:
        database = database_name(products)
        url = machine.migrated(database)
        settings = settings_for(machine, database, has_search=has_search)
        seconds = asyncio.run(seed(url, products=products, currency=settings.shop_currency))
        say(f"{products:,} products" + (f" made in {seconds:.0f} s" if seconds else " are there"))
        if has_search and (seconds := asyncio.run(searching.index(settings, products=products))):
            say(f"documents and index made in {seconds:.0f} s")
        found[database] = asyncio.run(Shopping(url, settings).workloads())
    return found


def add_subjects(
    bench: Bench,
    workloads: dict[str, dict[str, Workload]],
    operations: list[str],
) -> tuple[Server, Server | None]:
    """The smallest shop with all it is compared to, and the largest one; tells their servers."""
    machine, databases = bench.machine, list(workloads)
    first = databases[0]
    has_search = "w3" in operations
    shop = machine.serve("app:app", first, has_search=has_search)
    reference = machine.serve("app:app", first, has_search=has_search, ENGINE="reference")
    yardsticks = machine.serve("bench.yardsticks:app", first)
    large = None
    if len(databases) > 1:
        large = machine.serve("app:app", databases[-1], has_search=has_search)
    for server in (shop, reference, yardsticks, *([large] if large else [])):
        server.wait()
    bench.add(
        Name("floor", "floor"), yardsticks, "/floor", workloads[first]["typename"], database=first
    )
    for name in operations:
        workload = workloads[first][name]
        others = [(reference, "/graphql")] if name != "w4" else []
        others += [(yardsticks, f"/{name}")] if name in YARDSTICKS else []
        checks.compare(name, shop, others, workload)
        bench.add(Name(name, "shop"), shop, "/graphql", workload, database=first)
        if name in YARDSTICKS:
            bench.add(Name(name, "yardstick"), yardsticks, f"/{name}", workload, database=first)
        if name != "typename":
            bench.add(Name(name, "reference"), reference, "/graphql", workload, database=first)
            if large:
                again = workloads[databases[-1]][name]
                bench.add(Name(name, LARGE), large, "/graphql", again, database=databases[-1])
    return shop, large


def add_peer(bench: Bench, shop: Server, database: str, workload: Workload) -> None:
    peer = peers.mercurius(bench.machine, database)
    peer.wait()
    checks.compare("w1", shop, [(peer, "/graphql")], workload)
    bench.add(Name("w1", "mercurius"), peer, "/graphql", workload, database=database)


def add_budget(bench: Bench, shop: Server, database: str, operations: list[str]) -> None:
    if {"w1", "typename"} <= {*operations}:
        for name, workload in budget.workloads().items():
            bench.add(name, shop, "/graphql", workload, database=database)


def measure(machine: Machine, told: argparse.Namespace) -> list[str]:
    """The tables."""
    sizes = sorted(int(size) for size in told.products.split(","))
    operations = [name for name in OPERATIONS if name in told.only.lower().split(",")]
    has_search = "w3" in operations and not told.memory
    workloads = prepared(machine, sizes, has_search=has_search)
    first = next(iter(workloads))
    if told.memory:
        server = machine.serve("app:app", first)
        server.wait()
        return [memory.check(machine, server, first, workloads[first], say)]
    settings = settings_for(machine, first, has_search=has_search)
    counts = asyncio.run(checks.statements(settings, workloads[first]))
    bench = Bench(machine, seconds=told.seconds, say=say)
    shop, large = add_subjects(bench, workloads, operations)
    if has_search:
        searching.add(bench, shop, large, workloads)
    add_budget(bench, shop, first, operations)
    if told.peer and "w1" in operations:
        add_peer(bench, shop, first, workloads[first]["w1"])
    bench.run(told.rounds)
    measured = figures(bench.subjects)
    listed = " and ".join(f"{size:,}" for size in sizes)
    head = (
        f"{listed} products; medians of {told.rounds} rounds of {told.seconds} s by"
        f" {bench.subjects[0].load.name}, 8 connections; CPU per request."
    )
    tables = [head, report.FEATURES, report.main_table(measured, counts)]
    tables.append(report.target_table(measured, counts))
    if {"w1", "typename"} <= {*operations}:
        tables.append(report.budget_table(measured))
    return tables


def main() -> int:
    told, started = arguments(), time.monotonic()
    cores = Cores()
    machine = Machine(told.folder.resolve(), cores)
    with machine.running():
        tables = measure(machine, told)
    if not cores.are_apart:
        tables.insert(0, "ONE CORE ONLY: servers, PostgreSQL and the load share it.")
    sys.stdout.write("\n\n".join([*tables, f"{time.monotonic() - started:.0f} s in all"]) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
