"""The connection to Elasticsearch."""

import base64
import logging
import ssl
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import Any, Final

import orjson
from elastic_transport import AiohttpHttpNode, HttpHeaders
from elastic_transport._node import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType
from elasticsearch import AsyncElasticsearch
from elasticsearch.serializer import NdjsonSerializer, OrjsonSerializer

from core.settings import Settings

CONNECTIONS: Final = 32  # more searches at once wait, within their deadline
LARGE: Final = 1_000_000  # bytes that are sent piece by piece, so that others get their turn

log = logging.getLogger("search.elastic")


class Lines(NdjsonSerializer):
    """Of `_bulk` and `_msearch`."""

    def json_dumps(self, data: Any) -> bytes:
        return orjson.dumps(data)


class Node(AiohttpHttpNode):
    """The client's own node, but it keeps quiet.

    The library writes requests and answers out for a debug log even when nobody reads it, which
    costs more than the search; and it would tell what people search for. A warning of the server,
    such as that something is to go in its next version, is for our log and no failure.
    """

    async def perform_request(  # type: ignore[override]  # as in the library: it awaits
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        sent: Any = BytesIO(body) if body and len(body) > LARGE else body
        answer = await super().perform_request(method, target, sent, headers, request_timeout)
        warning = answer.meta.headers.get("warning")
        if warning is None:
            return answer
        _tell(warning)
        kept = HttpHeaders(answer.meta.headers)
        del kept["warning"]
        return answer._replace(meta=replace(answer.meta, headers=kept))

    def _log_request(self, *args: Any, **facts: Any) -> None:
        pass


@lru_cache(maxsize=100)
def _tell(warning: str) -> None:
    """Once, though it may come with every answer."""
    log.warning("elasticsearch warns", extra={"warning": warning})


def connected(settings: Settings) -> AsyncElasticsearch:
    """A client that gives up after `search_deadline`, and does not try again.

    It connects when it is first used. Close it. Raises: OSError for a certificate that is not to be
    read.
    """
    for name in ("transport", "node_pool"):  # of each request and failure; those are ours to tell
        logging.getLogger(f"elastic_transport.{name}").setLevel(logging.ERROR)
    options: dict[str, Any] = {}
    if settings.elasticsearch_url.startswith("https://"):
        options["ssl_context"] = ssl.create_default_context(cafile=settings.elasticsearch_ca)
    return AsyncElasticsearch(
        settings.elasticsearch_url,
        node_class=Node,
        connections_per_node=CONNECTIONS,
        serializers={"application/json": OrjsonSerializer(), "application/x-ndjson": Lines()},
        request_timeout=settings.search_deadline.total_seconds(),
        max_retries=0,
        headers=_who_we_are(settings),
        **options,
    )


def _who_we_are(settings: Settings) -> dict[str, str]:
    """Not left to the client, which takes passwords of ASCII only."""
    key = settings.elasticsearch_api_key.get_secret_value()
    if key:
        return {"authorization": f"ApiKey {key}"}
    if not settings.elasticsearch_user:
        return {}
    password = settings.elasticsearch_password.get_secret_value()
    pair = f"{settings.elasticsearch_user}:{password}".encode()
    return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
