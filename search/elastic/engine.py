"""Elasticsearch as an engine of search."""

import logging
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from elastic_transport import ApiError, TransportError
from elasticsearch import AsyncElasticsearch

from core.settings import Settings
from search.answer import Answer
from search.elastic import asking, correcting, reading
from search.elastic.shape import alias
from search.engine import EngineFailed
from search.question import Question
from search.words import Words

Json = Mapping[str, Any]
T = TypeVar("T")

_NEEDED: Final = (
    "took,timed_out,_shards.failed,hits.total.value,hits.hits.sort,hits.hits.highlight,"
    "aggregations,suggest"
)
_COUNTED: Final = "took,timed_out,_shards.failed,hits.total.value,status"
_JSON: Final = {"accept": "application/json", "content-type": "application/json"}
_LINES: Final = {"accept": "application/json", "content-type": "application/x-ndjson"}
_OK: Final = 200

log = logging.getLogger("search.elastic")


class Elastic:
    """Every failure is EngineFailed; its text tells neither what was searched for nor a secret."""

    name = reading.NAME

    def __init__(self, client: AsyncElasticsearch, settings: Settings) -> None:
        self._client = client
        self._path = f"/{alias(settings.elasticsearch_index)}"
        self._timeout = f"{max(1, round(settings.search_deadline.total_seconds() * 1_000))}ms"

    async def search(self, question: Question) -> Answer:
        answered = await self._search(asking.search(question), question.words)
        return _read(lambda: reading.answer(answered, question))

    async def counts(self, questions: Sequence[Question]) -> list[int]:
        if not questions:
            return []
        lines: list[Json] = []
        for question in questions:
            lines.append(_same_copy(question.words))
            lines.append({**asking.count(question), "timeout": self._timeout})
        needed = ",".join(f"responses.{name}" for name in _COUNTED.split(","))
        answered = await self._send(f"_msearch?filter_path={needed}", lines, _LINES)

        def counted() -> list[int]:
            return [reading.total(_whole(each)) for each in answered["responses"]]

        return _read(counted)

    async def corrected(self, words: Words, language: str) -> Words | None:
        """Two round trips: the index may still know words of products that are gone."""
        if not correcting.spots(words):
            return None
        answered = await self._search(correcting.nearest(words), words)
        found = _read(lambda: correcting.candidates(answered))
        if not any(found.values()):
            return None
        seen = await self._search(correcting.visible(found), words)
        better = _read(lambda: correcting.chosen(found, seen))
        return correcting.replaced(words, better) if better else None

    async def check(self) -> None:
        await self._search({"size": 0, "track_total_hits": False}, Words())

    async def _search(self, body: Json, words: Words) -> Json:
        options = "&".join(f"{name}={value}" for name, value in _same_copy(words).items())
        path = f"_search?filter_path={_NEEDED}&{options}"
        answered = await self._send(path, {**body, "timeout": self._timeout}, _JSON)
        return _read(lambda: _whole(answered))

    async def _send(self, path: str, body: Any, headers: Mapping[str, str]) -> Json:
        try:
            response = await self._client.perform_request(
                "POST", f"{self._path}/{path}", headers=headers, body=body
            )
        except ApiError as error:
            log.debug("elasticsearch refused", exc_info=True)
            raise EngineFailed(f"status {error.meta.status}: {error.message}") from None
        except TransportError as error:
            log.debug("elasticsearch was not reached", exc_info=True)
            raise EngineFailed(type(error).__name__) from None
        answered: Json = response.body
        return answered


def _same_copy(words: Words) -> dict[str, str]:
    """The same words ask the same copy of the index: scores differ a little between copies.

    What is partly answered is not answered: facets would be wrong, and nobody would know.
    """
    copy = f"words-{zlib.crc32(words.text.encode(errors='replace')):x}"
    return {"preference": copy, "allow_partial_search_results": "false"}


def _whole(answered: Json) -> Json:
    """Raises: EngineFailed for what is only a part of an answer."""
    status = answered.get("status", _OK)
    if status != _OK:
        raise EngineFailed(f"status {status}")
    if answered["timed_out"]:
        raise EngineFailed("timed out")
    if answered["_shards"]["failed"]:
        raise EngineFailed("a part of the index failed")
    return answered


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise EngineFailed(f"an answer that is none: {type(error).__name__}") from error
