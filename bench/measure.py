"""Short rounds, one subject after the other, and the medians of what they cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import NamedTuple, Protocol

from bench.load import Load, Round
from bench.requests import Workload
from bench.servers import Machine
from deploy.embedded.postgres import run_sql


class Name(NamedTuple):
    """operation: `w1`; subject: who answers it: `shop`, `reference`, `yardstick`, `floor`."""

    operation: str
    subject: str


class Figures(NamedTuple):
    """Of one subject, medians over the rounds; milliseconds. CPU is per request."""

    per_second: float
    p50: float
    p99: float
    server: float
    postgres: float

    @property
    def sum(self) -> float:
        return self.server + self.postgres


class Answering(Protocol):
    """A server that runs."""

    def url(self, path: str) -> str: ...

    def cpu_seconds(self) -> float: ...


@dataclass
class Subject:
    """Something that answers an operation."""

    name: Name
    server: Answering
    path: str
    workload: Workload
    database: str
    load: Load
    rounds: list[Figures] = field(default_factory=list)

    @property
    def medians(self) -> Figures:
        return Figures(*(median(values) for values in zip(*self.rounds, strict=True)))


class Bench:
    """Measures subjects on one machine."""

    def __init__(self, machine: Machine, *, seconds: float, say: Callable[[str], None]) -> None:
        self.machine, self.seconds, self.say = machine, seconds, say
        self.subjects: list[Subject] = []
        self._loads: dict[int, Load] = {}

    def add(
        self, name: Name, server: Answering, path: str, workload: Workload, *, database: str
    ) -> None:
        load = self._loads.get(id(workload))
        if load is None:
            folder = Path(self.machine.folder) / "load" / str(len(self._loads))
            load = self._loads[id(workload)] = Load(folder, workload.requests)
        self.subjects.append(Subject(name, server, path, workload, database, load))

    def run(self, rounds: int) -> None:
        """Warm everybody up, then measure each in turn, `rounds` times."""
        for subject in self.subjects:
            self._send(subject, seconds=1)
        for number in range(rounds):
            self.say(f"round {number + 1} of {rounds}: {len(self.subjects)} measurements")
            for subject in self.subjects:
                subject.rounds.append(self._measure(subject))

    def _measure(self, subject: Subject) -> Figures:
        server, database = subject.server.cpu_seconds(), self.machine.postgres_cpu_seconds()
        sent = self._send(subject, seconds=self.seconds)
        server = subject.server.cpu_seconds() - server
        database = self.machine.postgres_cpu_seconds() - database
        return Figures(
            sent.requests / sent.seconds,
            sent.p50,
            sent.p99,
            server * 1000 / sent.requests,
            database * 1000 / sent.requests,
        )

    def _send(self, subject: Subject, *, seconds: float) -> Round:
        """Raises: RuntimeError when requests failed, or were more than the data allows."""
        workload = subject.workload
        if workload.reset:
            run_sql(self.machine.postgres.url(subject.database), workload.reset)
        url = subject.server.url(subject.path)
        sent = subject.load.send(url, seconds=seconds)
        if not sent.requests:  # a busy machine, a slow subject
            sent = subject.load.send(url, seconds=5 * seconds)
        if sent.errors or not sent.requests or sent.requests > workload.capacity:
            raise RuntimeError(f"{subject.name}: {sent}")
        return sent


def figures(subjects: Sequence[Subject]) -> dict[Name, Figures]:
    return {subject.name: subject.medians for subject in subjects if subject.rounds}
