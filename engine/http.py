"""What a request over HTTP says: the answers it accepts, and the operation it wants run."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from starlette.requests import Request

JSON: Final = "application/json"
RESPONSE_JSON: Final = "application/graphql-response+json"


class Refused(Exception):
    """A request that is no GraphQL request: its status, and a sentence for its developer."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers or {}


class Accepted(NamedTuple):
    """What a client would take; json: the media type for JSON, None when no JSON will do."""

    json: str | None
    is_stream: bool
    is_html: bool


class Parameters(NamedTuple):
    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


@lru_cache(512)
def accepted(header: bytes) -> Accepted:
    """Read an Accept header; whoever names neither kind of JSON gets the older one."""
    ranges = dict(map(media_range, header.decode("latin-1").split(",")))
    new, old = ranges.get(RESPONSE_JSON), ranges.get(JSON)
    rest = ranges.get("application/*", ranges.get("*/*", 0.0))
    if new is None:
        new = rest if old == 0 else 0.0
    if old is None:
        old = rest
    best = max(new, old)
    html = ranges.get("text/html", 0.0)
    return Accepted(
        json=(RESPONSE_JSON if new >= old else JSON) if best else None,
        is_stream=bool(ranges.get("text/event-stream")),
        is_html=html > 0 and html >= best,
    )


def media_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0


def read_query_string(request: Request) -> Parameters:
    """Of a GET: variables and extensions are JSON in the query string."""
    values: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if name in values:
            values[name] = parsed(values[name].encode(), f"`{name}`")
    return parameters_of(values)


async def read_body(request: Request, content_type: bytes) -> Parameters:
    """Of a POST. Forms and plain text are what a foreign page may send without asking."""
    name, _, parameters = content_type.lower().partition(b";")
    charset = parameters.strip().removeprefix(b"charset=").strip(b'"')
    if name.strip() != JSON.encode() or charset not in (b"", b"utf-8", b"utf8"):
        raise Refused(415, f"Send the operation as {JSON}, in UTF-8.")
    return parameters_of(parsed(await request.body(), "The body"))


def parsed(text: bytes, subject: str) -> Any:
    if rb"\u0000" in text:
        raise Refused(400, f"{subject} has a NUL character, which no text may hold.")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused(400, f"{subject} is not JSON: {error}.") from error


def parameters_of(values: Any) -> Parameters:
    if isinstance(values, list):
        raise Refused(400, "Send one operation at a time: batches are not executed.")
    if not isinstance(values, dict):
        raise Refused(400, "The body must be a JSON object with a `query`.")
    query = values.get("query")
    if not isinstance(query, str) or not query:
        raise Refused(400, "`query` must be a text: the GraphQL document.")
    variables, name = values.get("variables"), values.get("operationName")
    extensions = values.get("extensions")
    for member, value in (("variables", variables), ("extensions", extensions)):
        if value is not None and not isinstance(value, dict):
            raise Refused(400, f"`{member}` must be an object or null.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "`operationName` must be a text or null.")
    return Parameters(query, variables, name, extensions)
