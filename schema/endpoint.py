"""The view at /graphql: GraphQL over HTTP as its specification says, GraphiQL, subscriptions.

Queries and mutations are answered as JSON, subscriptions as an event stream or over a WebSocket,
whatever else a client accepts. Whatever a browser may send to a foreign site without asking first
(forms, plain text) is not executed. The WebSocket protocol and the event stream are Strawberry's.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import Any, Final

import orjson
from graphql import GraphQLError, OperationType as CoreOperationType
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType
from strawberry.types.unset import UNSET, UnsetType

from auth.callers import UNRECOGNISABLE
from core.errors import Shown
from engine.executor import Schema
from engine.http import (
    JSON,
    RESPONSE_JSON,
    Accepted,
    Parameters,
    Refused,
    accepted,
    read_body,
    read_query_string,
)
from schema.sockets import Connection, TransportHandler, always, never, while_good

ContextFactory = Callable[[HTTPConnection], Any]  # the context of one operation, or an awaitable

ALLOWED: Final = {
    "GET": {OperationType.QUERY},
    "POST": {OperationType.QUERY, OperationType.MUTATION},
}
UNAUTHORIZED: Final = 401
STATUSES: Final = {  # of a request that was not executed; all others are 400
    "UNAUTHENTICATED": UNAUTHORIZED,
    "FORBIDDEN": 403,
    "THROTTLED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
}
HEADERS: Final = {"vary": "accept"}


class ShopGraphQL(GraphQL[Any, Any]):
    """Answers HTTP itself, on the shortest path; WebSockets are Strawberry's.

    context_factory: makes the context of each operation; over a WebSocket what the client sent
        when it connected is in `scope["connection_params"]`. A GraphQLError it raises is shown.
    admit: refuses a WebSocket by a Shown error, once the client has said who it is.
    ended: returns when what a connection or request was admitted with is good no more.
    graphiql: the page for browsers; None: there is none.
    allowed_origins: other origins whose pages may open a WebSocket.
    """

    schema: Schema
    graphql_transport_ws_handler_class = TransportHandler

    def __init__(
        self,
        schema: Schema,
        context_factory: ContextFactory,
        *,
        admit: Callable[[HTTPConnection], Awaitable[Any]] = always,
        ended: Callable[[HTTPConnection], Awaitable[None]] = never,
        graphiql: Path | None = None,
        allowed_origins: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=allowed_origins,
        )
        self.context_factory, self.graphiql = context_factory, graphiql
        self.admit, self.ended = admit, ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        accept = accepted(headers.get(b"accept") or b"*/*")
        try:
            response = await self.answer(Request(scope, receive), headers, accept)
        except Refused as refused:
            response = refusal(refused, accept.json or JSON)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def answer(
        self, request: Request, headers: dict[bytes, bytes], accept: Accepted
    ) -> Response:
        if request.method == "GET":
            if accept.is_html and self.graphiql:
                return FileResponse(self.graphiql, media_type="text/html", headers=HEADERS)
            parameters = read_query_string(request)
        elif request.method == "POST":
            parameters = await read_body(request, headers.get(b"content-type", b""))
        else:
            raise Refused(405, "Use GET or POST.", headers={"allow": "GET, POST"})
        if accept.is_stream and self.is_subscription(parameters):
            return await self.streamed(request, parameters)
        if accept.json is None:
            raise Refused(406, f"Answers are {RESPONSE_JSON} or {JSON}.")
        return self.written(await self.executed(request, parameters), accept.json)

    async def executed(self, request: Request, parameters: Parameters) -> ExecutionResult:
        query, variables, operation_name, extensions = parameters
        try:
            context = await self.new_context(request)
            return await self.schema.execute(
                query,
                variables,
                context,
                None,
                operation_name,
                ALLOWED[request.method],
                extensions,
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.SUBSCRIPTION:
                raise Refused(
                    406, "Subscriptions need a WebSocket or text/event-stream."
                ) from error
            raise Refused(405, "Mutations need POST.", headers={"allow": "POST"}) from error
        except CannotGetOperationTypeError as error:
            return self.failed(GraphQLError(error.as_http_error_reason(), original_error=error))
        except Exception as error:  # noqa: BLE001 - of the context; logged and masked
            return self.failed(error)

    def failed(self, error: Exception) -> ExecutionResult:
        shown = error if isinstance(error, GraphQLError) else None
        errors = [shown or GraphQLError(str(error), original_error=error)]
        self.schema.process_errors(errors)
        return ExecutionResult(None, errors)

    def written(self, result: ExecutionResult, media_type: str) -> Response:
        try:
            body = orjson.dumps(body_of(result))
        except TypeError as error:  # a scalar that is no JSON, or an integer above 64 bits
            result = self.failed(error)
            body = orjson.dumps(body_of(result))
        status = status_of(result) if media_type == RESPONSE_JSON else 200
        headers = {**HEADERS, "www-authenticate": "Bearer"} if status == UNAUTHORIZED else HEADERS
        if seconds := retry_after(result):
            headers = {**headers, "retry-after": str(seconds)}
        return Response(body, status, headers, f"{media_type}; charset=utf-8")

    def is_subscription(self, parameters: Parameters) -> bool:
        operation = self.schema.operation_type(parameters.query, parameters.operation_name)
        return operation is CoreOperationType.SUBSCRIPTION

    async def streamed(self, request: Request, parameters: Parameters) -> Response:
        events: Any = await self.schema.stream(
            parameters.query,
            parameters.variables,
            await self.new_context(request),
            None,
            parameters.operation_name,
            parameters.extensions,
            {OperationType.SUBSCRIPTION},
        )
        response = await self.get_sub_response(request)
        response.headers.update(HEADERS)
        told: Any = while_good(events, self.ended(request))
        return await self._create_streaming_response(request, told, "sse", response)

    async def new_context(self, connection: HTTPConnection) -> Any:
        context = self.context_factory(connection)
        return await context if isawaitable(context) else context

    async def get_context(self, request: Any, response: Any) -> Connection:
        return Connection(request)

    async def on_ws_connect(self, context: Connection) -> UnsetType | dict[str, object] | None:
        context.websocket.scope["connection_params"] = context.connection_params
        try:
            await self.admit(context.websocket)
        except UNRECOGNISABLE:
            pass  # each of its operations is told so, until somebody can be recognised again
        except Shown as refusal:
            raise ConnectionRejectionError from refusal
        acknowledged: UnsetType = UNSET
        return acknowledged

    async def process_result(self, request: Any, result: ExecutionResult) -> GraphQLHTTPResponse:
        return body_of(result)

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()  # text: a WebSocket client must not get binary frames


def was_executed(result: ExecutionResult) -> bool:
    """Errors of a field have a path; without data and paths, nothing was ever executed."""
    return result.data is not None or any(error.path for error in result.errors or ())


def body_of(result: ExecutionResult) -> GraphQLHTTPResponse:
    body: GraphQLHTTPResponse = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if was_executed(result):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return body


def retry_after(result: ExecutionResult) -> int:
    """When the last of what was throttled may be asked again, in seconds; 0: nothing was."""
    facts = [error.extensions or {} for error in result.errors or ()]
    return max((each.get("retryAfter", 0) for each in facts), default=0)


def status_of(result: ExecutionResult) -> int:
    if was_executed(result):
        return 200
    codes = [(error.extensions or {}).get("code") for error in result.errors or ()]
    return max((STATUSES.get(code or "", 400) for code in codes), default=400)


def refusal(refused: Refused, media_type: str) -> Response:
    error = {"message": refused.message, "extensions": {"code": "BAD_USER_INPUT"}}
    return Response(
        orjson.dumps({"errors": [error]}),
        refused.status,
        {**HEADERS, **refused.headers},
        f"{media_type}; charset=utf-8",
    )
