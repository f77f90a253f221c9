"""Arguments of a field: constant ones are computed with the plan, others per operation."""

from collections.abc import Callable
from typing import Any

from graphql import FieldNode, GraphQLField, VariableNode, Visitor, visit
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments


def arguments_of(
    executor: Any, definition: GraphQLField, source: Any, node: FieldNode
) -> Callable[[Any], dict[str, Any]]:
    """`variables -> keyword arguments of the function`, which must not change them."""
    schema = executor.engine.schema

    def compute(variables: Any) -> dict[str, Any]:
        return convert_arguments(
            get_argument_values(definition, node, variables),
            source.arguments,
            schema.schema_converter.scalar_registry,
            schema.config,
        )

    if not definition.args:
        return lambda _: {}
    if variable_names(node.arguments):
        return compute
    try:
        constant = compute(executor.variable_values)
    except Exception:  # noqa: BLE001 - raised again when the field runs: it is the field's error
        return compute
    return lambda _: constant


def variable_names(nodes: Any) -> set[str]:
    """The variables anywhere in these nodes."""
    names = Names()
    for node in nodes or ():
        visit(node, names)
    return names.found


class Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.found.add(node.name.value)


class Conditions(Visitor):
    """The variables that @skip and @include ask for: they are part of a plan's key."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: Any, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            self.found |= variable_names(node.arguments)


def conditions_of(executor: Any) -> tuple[str, ...]:
    conditions = Conditions()
    for node in (executor.operation, *executor.fragment_definitions.values()):
        visit(node, conditions)
    return tuple(sorted(conditions.found))


class Fields(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: Any, *_: Any) -> None:
        self.found.add(node.name.value)


def fields_of(executor: Any) -> frozenset[str]:
    """The names of all fields that an operation may ask for, however deep, in fragments too."""
    fields = Fields()
    for node in (executor.operation, *executor.fragment_definitions.values()):
        visit(node, fields)
    return frozenset(fields.found)
