"""Two executors, the same answer: data, and errors with their places, causes and codes."""

import os
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import hypothesis
from graphql import GraphQLError, ValueNode, print_ast
from hypothesis.strategies import SearchStrategy
from hypothesis_graphql import from_schema
from strawberry.types import ExecutionResult

from engine.errors import cause_of

Execute = Callable[[str, dict[str, Any] | None], Awaitable[ExecutionResult]]


async def assert_same(
    ours: Execute, theirs: Execute, query: str, variables: dict[str, Any] | None = None
) -> ExecutionResult:
    """Run an operation on both; each callable brings its own context and, if need be, database."""
    mine, reference = await ours(query, variables), await theirs(query, variables)
    assert mine.data == reference.data, query
    assert facts(mine) == facts(reference), f"{query}\n{facts(mine) ^ facts(reference)}"
    return mine


def facts(result: ExecutionResult) -> set[tuple[str, str, str]]:
    """Errors by the place they made null: two executors meet them in different order.

    Of several errors under a null that went up, how many are told is a matter of time.
    """
    return {fact(error, result.data) for error in result.errors or ()}


def fact(error: GraphQLError, data: Any) -> tuple[str, str, str]:
    place = nulled(error.path or [], data)
    if len(place) < len(error.path or ()):
        return str(place), "null in not null", ""
    return str(place), str(cause_of(error) or error.message), str(error.extensions)


def nulled(path: Sequence[str | int], data: Any) -> list[str | int]:
    """As much of a path as there is in the data, down to its first null."""
    place: list[str | int] = []
    for key in path:
        if data is None:
            return place
        place.append(key)
        data = data[key]
    return place


def random_operations(
    schema_sdl: str, examples: int, scalars: Mapping[str, SearchStrategy[ValueNode]] | None = None
) -> list[str]:
    """Valid operations over the schema, as many as asked for; SEED repeats those of another run.

    scalars: how to write values of the schema's own scalars, where arguments take them.
    """
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2**32))
    print(f"SEED={seed} EXAMPLES={examples}")  # noqa: T201 - pytest shows it when a test fails
    found: list[str] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        from_schema(schema_sdl, print_ast=print_ast, custom_scalars={**(scalars or {})})
    )
    def collect(query: str) -> None:
        found.append(query)

    collect()
    return found
