"""Whether a web process grows: its memory after 1,000 and after 100,000 requests of all kinds."""

from collections.abc import Callable
from typing import Final

from bench.load import Load
from bench.requests import Workload
from bench.servers import Machine, Server
from deploy.embedded.postgres import run_sql

EARLY, LATE = 1_000, 100_000
LIMIT: Final = 1.05
MEBIBYTE: Final = 1024 * 1024


def check(
    machine: Machine,
    server: Server,
    database: str,
    workloads: dict[str, Workload],
    say: Callable[[str], None],
) -> str:
    """One line: both figures and whether the limit holds."""
    requests = [each for workload in workloads.values() for each in workload.requests]
    load = Load(machine.folder / "load" / "memory", requests)
    resets = [workload.reset for workload in workloads.values() if workload.reset]
    sent, counted, early = 0, 0, 0
    while sent < LATE:
        for reset in resets:
            run_sql(machine.postgres.url(database), reset)
        result = load.send(server.url("/graphql"), seconds=1 if sent < EARLY else 5)
        if result.errors:
            raise RuntimeError(f"memory: {result}")
        sent += result.requests
        if not early and sent >= EARLY:
            early, counted = server.memory(), sent
            say(f"{counted:,} requests: {early / MEBIBYTE:.1f} MiB")
    late = server.memory()
    verdict = "reached" if late / early <= LIMIT else "MISSED"
    return (
        f"Memory of a web process: {early / MEBIBYTE:.1f} MiB after {counted:,} requests,"
        f" {late / MEBIBYTE:.1f} MiB after {sent:,}: {late / early:.3f} (≤ {LIMIT}), {verdict}"
    )
