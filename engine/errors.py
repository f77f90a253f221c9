"""Errors of single fields, what callers are told of them, and answers not to be computed twice."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, GraphQLSyntaxError
from graphql.error import located_error
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from core.errors import Shown

log = logging.getLogger(__name__)

QUOTE = re.compile(r", found: |(\?) Found: ")

CALLERS_MISTAKES = (
    MissingQueryError,
    CannotGetOperationTypeError,
    InvalidOperationTypeError,
)


class Repeat(Exception):
    """Null where it is forbidden, or a surprise: graphql-core's executor knows what follows."""

    def __init__(self, coordinate: str) -> None:
        super().__init__(coordinate)
        self.coordinate = coordinate


@dataclass(frozen=True, slots=True)
class Failed:
    """Stands where a nullable field failed, until `locate` finds its path; falsy, like null."""

    error: Exception
    nodes: Sequence[FieldNode]

    def __bool__(self) -> bool:
        return False


def is_gap(value: Any) -> bool:
    return value is None or type(value) is Failed


def locate(value: Any, path: tuple[str | int, ...] = ()) -> list[GraphQLError]:
    """Replace each Failed in a finished result by None; its place in the result is its path."""
    errors: list[GraphQLError] = []
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if type(item) is Failed:
                value[key] = None
                errors.append(located_error(item.error, item.nodes, [*path, key]))
            else:
                errors += locate(item, (*path, key))
    return errors


def unavailable(error: Exception) -> GraphQLError:
    """What a client is told of a fault of the database or network."""
    return GraphQLError(
        "Try again later.", original_error=error, extensions={"code": "UNAVAILABLE"}
    )


async def once(
    context: Any, key: str, function: Callable[..., Any], arguments: dict[str, Any]
) -> Any:
    """The answer of a mutation field, computed at most once per operation.

    After a commit it must not run again, though graphql-core's executor may have to read its
    payload again: that finds the answer (or refusal) here. Loaders forget what they knew before.
    """
    if key not in context.answers:
        try:
            context.answers[key] = await function(context, **arguments)
        except Exception as error:  # noqa: BLE001 - kept, and raised below
            context.answers[key] = error
        context.forget()
    answer = context.answers[key]
    if isinstance(answer, Exception):
        raise answer
    return answer


def present(
    errors: list[GraphQLError], faults: tuple[type[Exception], ...], request_id: str
) -> None:
    """Give every error its code, in place; what nobody expected is logged and masked.

    One exception may have failed a field of a hundred rows: it is logged once.
    """
    logged: set[int] = set()
    for position, error in enumerate(errors):
        code = code_of(error, faults)
        cause = cause_of(error)
        if code in ("INTERNAL", "UNAVAILABLE") and id(cause) not in logged:
            logged.add(id(cause))
            path = ".".join(map(str, error.path or ()))
            log.error("%s at %s", code, path or "no field", exc_info=cause or error)
        errors[position] = presented(error, code, request_id)


def presented(error: GraphQLError, code: str, request_id: str) -> GraphQLError:
    if code == "INTERNAL":
        message = f"Something went wrong. The request id is {request_id}."
    elif code == "UNAVAILABLE":
        message = "Try again later."
    elif (error.extensions or {}).get("code"):
        return error
    else:
        message = _without_value(error.message)
    cause = cause_of(error)
    facts = cause.facts if isinstance(cause, Shown) else {}
    extensions = {**(error.extensions or {}), **facts, "code": code}
    return GraphQLError(
        message,
        error.nodes,
        error.source,
        error.positions,
        error.path,
        error.original_error,
        extensions,
    )


def _without_value(message: str) -> str:
    """graphql-core quotes an input that is not in order, with the password that may be in it."""
    quote = QUOTE.search(message)
    if quote is None:
        return message
    return message[: quote.start()] + (quote[1] or ".")


def code_of(error: GraphQLError, faults: tuple[type[Exception], ...]) -> str:
    cause = cause_of(error)
    if code := (error.extensions or {}).get("code"):
        return str(code)
    if isinstance(error, GraphQLSyntaxError):
        is_limit = "Parsing aborted" in error.message  # too many tokens, or nested too deeply
        return "QUERY_TOO_COMPLEX" if is_limit else "GRAPHQL_PARSE_FAILED"
    if isinstance(cause, Shown):
        return cause.code
    if isinstance(cause, faults):
        return "UNAVAILABLE"
    is_coercion = error.path is None and error.nodes is not None  # of a variable, by a scalar
    if cause is None or is_coercion or isinstance(cause, CALLERS_MISTAKES):
        return "BAD_USER_INPUT"
    return "INTERNAL"


def cause_of(error: GraphQLError) -> Exception | None:
    """The exception behind an error; None for an error that was a GraphQLError from the start."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
