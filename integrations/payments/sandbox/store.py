"""What the sandbox remembers: one SQLite file that survives a kill at any moment."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Object = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    hidden TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE INDEX IF NOT EXISTS objects_fated ON objects (kind) WHERE hidden LIKE '%"due"%';
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    request TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries (seq) WHERE delivered = 0;
"""
_DELIVERIES = "SELECT event, attempts, due, delivered, last_status FROM deliveries"


@dataclass(frozen=True)
class Answer:
    """The first answer to an idempotency key. request: method, path and parameters."""

    request: str
    request_id: str
    status: int
    body: bytes


@dataclass(frozen=True)
class Delivery:
    """last_status: what the receiver said last; None: it was not reached."""

    event: str
    attempts: int
    due: float
    delivered: bool
    last_status: int | None


class Store:
    """Every method of it runs at once and to the end: the sandbox has one thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and on the disk when the block has ended."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def insert(self, body: Object, *, hidden: Object | None = None) -> None:
        """hidden: what the sandbox knows of the object and the API does not show."""
        self._db.execute(
            "INSERT INTO objects (id, kind, body, hidden) VALUES (?, ?, ?, ?)",
            (body["id"], body["object"], json.dumps(body), json.dumps(hidden or {})),
        )

    def save(self, body: Object, *, hidden: Object | None = None) -> None:
        self._db.execute(
            "UPDATE objects SET body = ?, hidden = coalesce(?, hidden) WHERE id = ?",
            (json.dumps(body), json.dumps(hidden) if hidden is not None else None, body["id"]),
        )

    def get(self, kind: str, identifier: str) -> Object | None:
        row = self._db.execute(
            "SELECT body FROM objects WHERE kind = ? AND id = ?", (kind, identifier)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def any_kind(self, identifier: str) -> Object | None:
        row = self._db.execute("SELECT body FROM objects WHERE id = ?", (identifier,)).fetchone()
        return json.loads(row[0]) if row else None

    def hidden(self, identifier: str) -> Object:
        row = self._db.execute("SELECT hidden FROM objects WHERE id = ?", (identifier,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def newest(self, kind: str) -> Iterator[Object]:
        """All objects of a kind, the newest first."""
        rows = self._db.execute(
            "SELECT body FROM objects WHERE kind = ? ORDER BY seq DESC", (kind,)
        )
        return (json.loads(row[0]) for row in rows.fetchall())

    def unsettled(self, kind: str) -> list[Object]:
        """The objects that will change by themselves: their hidden part has a `due`."""
        rows = self._db.execute(
            """SELECT body FROM objects WHERE kind = ? AND hidden LIKE '%"due"%'""", (kind,)
        )
        return [json.loads(row[0]) for row in rows]

    def find(self, kind: str, **values: str | None) -> list[Object]:
        """The objects whose fields have these values, the newest first."""
        return [
            each
            for each in self.newest(kind)
            if all(each.get(name) == value for name, value in values.items())
        ]

    def answer(self, key: str) -> Answer | None:
        row = self._db.execute(
            "SELECT request, request_id, status, body FROM answers WHERE key = ?", (key,)
        ).fetchone()
        return Answer(*row) if row else None

    def remember(self, key: str, answer: Answer) -> None:
        self._db.execute(
            "INSERT INTO answers (key, request, request_id, status, body) VALUES (?, ?, ?, ?, ?)",
            (key, answer.request, answer.request_id, answer.status, answer.body),
        )

    def schedule(self, event: str) -> None:
        self._db.execute("INSERT INTO deliveries (event, due) VALUES (?, ?)", (event, time.time()))

    def deliveries(self) -> list[Delivery]:
        """All of them, in the order in which the events happened."""
        return [_delivery(row) for row in self._db.execute(f"{_DELIVERIES} ORDER BY seq")]

    def open_deliveries(self) -> list[Delivery]:
        """Those that the receiver has not taken yet, in the order of their events."""
        rows = self._db.execute(f"{_DELIVERIES} WHERE delivered = 0 ORDER BY seq")
        return [_delivery(row) for row in rows]

    def delivered(self, delivery: Delivery) -> None:
        self._db.execute(
            "UPDATE deliveries SET attempts = ?, due = ?, delivered = ?, last_status = ?"
            " WHERE event = ?",
            (
                delivery.attempts,
                delivery.due,
                delivery.delivered,
                delivery.last_status,
                delivery.event,
            ),
        )


def _delivery(row: tuple[str, int, float, int, int | None]) -> Delivery:
    event, attempts, due, delivered, last_status = row
    return Delivery(event, attempts, due, bool(delivered), last_status)
