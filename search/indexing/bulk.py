"""Documents on their way to Elasticsearch: what is sent, and what it says to each of them."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from search.documents import from_json
from search.elastic import shape

BYTES: Final = 5_000_000  # of one request
SECONDS: Final = 30.0  # that one request may take
SHARD_SECONDS: Final = "10s"  # that an index may be away

_FIELD: Final = re.compile(r"field(?:=| \[)\W?([\w.-]+)")
_NOT_FOUND, _CONFLICT, _TOO_MANY, _FAULT = 404, 409, 429, 500
# The whole index takes nothing at present: that is no fault of the document.
_NOT_NOW: Final = frozenset({"cluster_block_exception", "index_closed_exception"})


class Outage(Exception):
    """Elasticsearch is not there, or takes nothing now: the same again later."""

    def __str__(self) -> str:
        return f"Elasticsearch takes nothing now: {self.args[0]}."


class NoIndex(Exception):
    """There is no index to write to: it has to be built anew."""


class Kept(NamedTuple):
    """A document of PostgreSQL; document: None for a product that nobody may find."""

    product_id: UUID
    version: int
    document: Mapping[str, Any] | None


@dataclass
class Outcome:
    """taken: are there, in this version or a later one. refused: with the reason.

    later: why the others were not taken; None when there are no others.
    """

    taken: list[Kept] = field(default_factory=list)
    refused: list[tuple[Kept, str]] = field(default_factory=list)
    later: str | None = None


@contextlib.contextmanager
def outages() -> Iterator[None]:
    """Raises: Outage instead of whatever Elasticsearch or the way to it says."""
    try:
        yield
    except ApiError as error:
        raise Outage(f"{error.status_code} {error.error}") from error
    except TransportError as error:
        raise Outage(type(error).__name__) from error


async def send(
    client: AsyncElasticsearch, index: str, documents: Sequence[Kept], *, is_alias: bool
) -> AsyncIterator[Outcome]:
    """In requests of bounded size; older versions never replace newer ones.

    What was taken is told before anything is raised.

    is_alias: an index of this very name would be made by accident.

    Raises: Outage, NoIndex.
    """
    for part, lines in await asyncio.to_thread(lambda: list(_parts(documents))):
        with outages():
            answer = await client.bulk(
                index=index,
                operations=lines,
                require_alias=is_alias,
                timeout=SHARD_SECONDS,
                filter_path="items.*.status,items.*.error.type,items.*.error.reason",
            )
        outcome = Outcome()
        for kept, item in zip(part, answer["items"], strict=True):
            _judge(kept, next(iter(item.values())), outcome)
        yield outcome
        if outcome.later:
            raise Outage(outcome.later)


def _parts(documents: Sequence[Kept]) -> Iterator[tuple[list[Kept], list[Any]]]:
    part: list[Kept] = []
    lines: list[Any] = []  # bytes, which the client sends as they are
    size = 0
    for kept in documents:
        added = _lines(kept)
        length = sum(map(len, added))
        if part and size + length > BYTES:
            yield part, lines
            part, lines, size = [], [], 0
        part.append(kept)
        lines += added
        size += length
    if part:
        yield part, lines


def _lines(kept: Kept) -> list[bytes]:
    to = {
        "_id": shape.id_of(kept.product_id),
        "version": kept.version,
        "version_type": "external_gte",
    }
    if kept.document is None:
        return [orjson.dumps({"delete": to})]
    source = shape.source_of(from_json(kept.document))
    return [orjson.dumps({"index": to}), orjson.dumps(source)]


def _judge(kept: Kept, item: Mapping[str, Any], outcome: Outcome) -> None:
    """Raises: NoIndex."""
    status, error = item["status"], item.get("error")
    if error is None or status == _CONFLICT:
        outcome.taken.append(kept)
    elif status == _NOT_FOUND:
        raise NoIndex
    elif status >= _FAULT or status == _TOO_MANY or error["type"] in _NOT_NOW:
        outcome.later = f"{status} {error['type']}"
    else:
        outcome.refused.append((kept, _reason(error)))


def _reason(error: Mapping[str, Any]) -> str:
    """The kind of fault and the field; the rest of the sentence may quote the document."""
    found = _FIELD.search(error.get("reason") or "")
    return f"{error['type']}: {found[1]}" if found else str(error["type"])
