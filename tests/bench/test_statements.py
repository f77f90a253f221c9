"""What the measured operations cost in statements, and that none of them takes the slow way."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import (
    DocumentNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    Visitor,
    parse,
    validate,
    visit,
)

from bench import operations
from bench.requests import Request
from core.db import counted
from engine.executor import Executor, Schema
from engine.plan import compile_plan
from schema import new_schema
from tests.asking import of_operation
from tests.bench.conftest import Seeded

# A statement per relation, whatever the number of rows. W6: one per shelf, media, variants. W3: as
# W1, and one that searches, for Elasticsearch is not asked here.
EXACT: Final = {"typename": 0, "w1": 3, "w2": 2, "w3": 4, "w4": 9, "w5": 6, "w6": 8}


async def statements(seeded: Seeded, request: Request) -> list[str]:
    """The SQL of a request when everything is warm; who the caller is, is known then."""
    await seeded.send(request)
    with counted() as seen:
        await seeded.send(request)
    return of_operation(seen)


@pytest.mark.parametrize("name", EXACT)
async def test_an_operation_takes_its_statements_and_no_more(seeded: Seeded, name: str) -> None:
    request = seeded.workloads[name].requests[0]

    seen = await statements(seeded, request)

    assert len(seen) == EXACT[name], seen


@pytest.mark.parametrize(
    ("name", "many", "one"),
    [
        ("w1", "first: 24", "first: 1"),
        ("w3", "first: 24", "first: 1"),
        ("w5", "first: 10", "first: 1"),
        ("w6", "first: 8", "first: 1"),
    ],
)
async def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(
    seeded: Seeded, name: str, many: str, one: str
) -> None:
    request = seeded.workloads[name].requests[0]
    assert many.encode() in request.body
    shorter = Request(request.body.replace(many.encode(), one.encode()), request.token)

    assert len(await statements(seeded, shorter)) == EXACT[name]


async def test_a_fuller_cart_takes_no_more_statements(seeded: Seeded) -> None:
    workload = seeded.workloads["w4"]
    own = [each for each in workload.requests if each.token == workload.requests[0].token]

    numbers = [len(await statements(seeded, each)) for each in own]

    assert numbers == [EXACT["w4"]] * len(own)
    assert len(own) > 1


@pytest.mark.parametrize("name", ["w1", "w2", "w3", "w5", "w6"])
async def test_the_rows_of_an_operation_do_not_wait_for_the_garbage_collector(
    seeded: Seeded, name: str
) -> None:
    request = seeded.workloads[name].requests[0]
    await seeded.send(request)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    try:
        await seeded.send(request)
        gc.collect()
        left = [type(each).__name__ for each in gc.garbage]
    finally:
        gc.set_debug(0)
        gc.enable()
        gc.garbage.clear()

    assert "Record" not in left
    assert "RequestContext" not in left


def documents(root: Path) -> Iterator[tuple[str, str]]:
    """Every operation that we publish: of the benchmark, and of the web pages."""
    for name in operations.names():
        yield name, operations.document(name)
    for file in sorted((root / "web").glob("*/examples/*.graphql")):
        yield file.stem, file.read_text()


async def test_every_published_operation_is_valid_and_has_a_plan(
    seeded: Seeded, root: Path
) -> None:
    schema = new_schema(seeded.settings)
    found = dict(documents(root))

    for name, text in found.items():
        document = parse(text)
        assert validate(schema._schema, document) == [], name
        for operation in names_of(document):
            assert plan_of(schema, document, operation), name

    assert len(found) > len(EXACT)
    assert schema.engine.unplanned == {}


async def test_no_measured_operation_was_left_to_graphql_core(seeded: Seeded) -> None:
    graphql = next(route for route in seeded.app.routes if route.path == "/graphql").app  # type: ignore[attr-defined]

    for workload in seeded.workloads.values():
        await seeded.send(workload.requests[0])

    assert graphql.schema.engine.unplanned == {}
    assert graphql.schema.engine.repeated == {}


def names_of(document: DocumentNode) -> list[str | None]:
    parts = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    return [each.name and each.name.value for each in parts]


def plan_of(schema: Schema, document: DocumentNode, operation: str | None) -> Any:
    """Raises: NotPlannable. Nothing that is planned depends on the variables' values."""
    kind: type[Executor] = schema.execution_context_class  # type: ignore[assignment]
    built = kind.build(schema._schema, visit(document, AllOptional()), operation_name=operation)
    assert isinstance(built, kind), built
    return compile_plan(built)


class AllOptional(Visitor):
    """Makes every variable one that may be left out."""

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> Any:
        if isinstance(node.type, NonNullTypeNode):
            return VariableDefinitionNode(
                variable=node.variable, type=node.type.type, directives=node.directives
            )
        return None
