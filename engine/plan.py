"""Plans: what an operation does at each level; one per document and values of @skip and @include.

A level is one selection of one object type. It calls its functions once for all rows, and one
generated function makes its result, for example:

    def build(rows, context, c0):
        language, fallback = context.language, context.fallback
        return [{'id': n0(row['id']), 'name': row['name'], 'variants': v0}
                for row, v0 in zip(rows, c0)]
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_enum_type,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_specified_scalar_type,
)
from graphql.execution.collect_fields import collect_fields
from strawberry.types.scalar import identity

from engine.access import owners, row_rules, rule_of
from engine.arguments import arguments_of
from engine.call import Call, Guarded
from engine.declare import RECIPE, Column, Function
from engine.errors import Repeat, is_gap
from engine.level import Abstract, Level


class NotPlannable(Exception):
    """The operation has something that only graphql-core's executor knows."""


def compile_plan(executor: Any) -> Level:
    """The plan of an executor's operation.

    Raises: NotPlannable.
    """
    root = executor.schema.get_root_type(executor.operation.operation)
    return compile_level(executor, root, root_fields(executor, root))


def root_fields(executor: Any, root: GraphQLObjectType) -> dict[str, Any]:
    """The field nodes of an operation by response key."""
    return collect_fields(
        executor.schema, executor.fragments, executor.variable_values, root, executor.operation
    ).grouped_field_set


def compile_level(executor: Any, type_: GraphQLObjectType, grouped: dict[str, Any]) -> Level:
    source = Source()
    for key, details in grouped.items():
        source.add(executor, type_, key, details)
    return Level(source.calls, source.compiled(), source.size)


def required(coordinate: str) -> Callable[[Any], Any]:
    """What no null passes, in a field that must not be null."""

    def check(value: Any) -> Any:
        if value is None:
            raise Repeat(coordinate)
        return value

    return check


class Source:
    """Writes one level's `build`. Only names, by repr(), get into the source; values are named."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.names: dict[str, Any] = {}
        self.prologue = ["language, fallback = context.language, context.fallback"]
        self.items: list[str] = []

    def compiled(self) -> Any:
        values, lists = ("".join(f", {x}{n}" for n in range(len(self.calls))) for x in "vc")
        rows = f"zip(rows{lists})" if lists else "rows"
        body = [*self.prologue, f"return [{{{', '.join(self.items)}}} for row{values} in {rows}]"]
        text = f"def build(rows, context{lists}):\n    " + "\n    ".join(body)
        self.size = len(text) * 4 + 1000 * len(self.calls)  # bytes, measured
        exec(text, self.names)  # noqa: S102 - see the class
        return self.names["build"]

    def name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def bound(self, value: Any) -> str:
        """The name of `value(context)`, computed once per call of `build`."""
        name = self.name(value)
        self.prologue.append(f"b_{name} = {name}(context)")
        return f"b_{name}"

    def add(self, executor: Any, type_: GraphQLObjectType, key: str, details: Any) -> None:
        node = details[0].node
        if node.name.value == "__typename":
            self.items.append(f"{key!r}: {type_.name!r}")
            return
        definition = type_.fields.get(node.name.value)
        source: Any = definition and definition.extensions.get("strawberry-definition")
        recipe = source and source.metadata.get(RECIPE)
        coordinate = f"{type_.name}.{node.name.value}"
        if not recipe or source.extensions or definition is None:
            raise NotPlannable(coordinate)
        if isinstance(recipe, Column):
            value = self.column(definition, source.python_name, recipe, coordinate)
        else:
            value = f"v{len(self.calls)}"
            call = compile_call(executor, definition, source, recipe, key, coordinate, details)
            self.calls.append(call)
        self.items.append(f"{key!r}: {value}")

    def column(
        self, definition: GraphQLField, python_name: str, recipe: Column, coordinate: str
    ) -> str:
        value = f"row[{(python_name if recipe.key is None else recipe.key)!r}]"
        value = self.written(definition, value, recipe, coordinate)
        if (rule := rule_of(definition)) and rule.of:
            allowed = self.bound(lambda context: owners(rule, context))
            return f"({value} if row[{rule.of!r}] in {allowed} else None)"
        return value

    def written(self, definition: GraphQLField, value: str, recipe: Column, coordinate: str) -> str:
        is_required = is_non_null_type(definition.type)
        if recipe.is_translated:
            texts = value if is_required else f"({value} or {{}})"
            value = f"({texts}.get(language) or {texts}.get(fallback))"
            if is_required:
                missing = self.name(required(coordinate))
                return f"(text if (text := {value}) is not None else {missing}(None))"
            return value
        output = leaf_output(definition, coordinate)
        if names := enum_names(definition, recipe):
            return convert(f"{self.name(names)}.__getitem__", value, is_required=is_required)
        if recipe.bind:
            value = convert(self.bound(recipe.bind), value, is_required=is_required)
        elif recipe.convert:
            value = convert(self.name(recipe.convert), value, is_required=is_required)
        return convert(self.name(output), value, is_required=is_required) if output else value


def convert(function: str, value: str, *, is_required: bool) -> str:
    return (
        f"{function}({value})"
        if is_required
        else f"(None if {value} is None else {function}({value}))"
    )


def enum_names(definition: GraphQLField, recipe: Column) -> dict[Any, str]:
    """For a column converted by the enum itself: what is written for each value it may have."""
    named: Any = get_named_type(definition.type)
    is_plain = get_nullable_type(definition.type) is named and is_enum_type(named)
    if not is_plain or not isinstance(recipe.convert, type) or not issubclass(recipe.convert, Enum):
        return {}
    return {member.value: named.coerce_output_value(member) for member in recipe.convert}


class Names(dict[Any, str]):
    """What is written for an enum's members and their values; only others are looked at closely."""

    def __init__(self, named: GraphQLEnumType) -> None:
        super().__init__({each.value: name for name, each in named.values.items()})
        self.coerce = named.coerce_output_value

    def __missing__(self, value: Any) -> str:
        return self.coerce(value)


def leaf_output(definition: GraphQLField, coordinate: str) -> Any:
    """How a leaf or list of leaves is written; None for GraphQL's own scalars: we trust columns."""
    named: Any = get_named_type(definition.type)
    returns: Any = get_nullable_type(definition.type)
    is_plain = is_specified_scalar_type(named) or named.coerce_output_value is identity
    output = None if is_plain else named.coerce_output_value
    if is_enum_type(named):
        output = Names(named).__getitem__
    if not is_list_type(returns):
        return output
    if is_list_type(get_nullable_type(returns.of_type)):
        raise NotPlannable(f"{coordinate}, a list of lists")
    if is_non_null_type(returns.of_type):
        check = required(coordinate)
        return lambda items: [output(check(item)) if output else check(item) for item in items]
    if output:
        return lambda items: [item if is_gap(item) else output(item) for item in items]
    return None


def compile_call(
    executor: Any,
    definition: GraphQLField,
    source: Any,
    recipe: Function,
    key: str,
    coordinate: str,
    details: Any,
) -> Call:
    returns: Any = get_nullable_type(definition.type)
    is_list = is_list_type(returns)
    item = returns.of_type if is_list else returns
    named: Any = get_named_type(item)
    below: Level | Abstract | None = None
    if is_list_type(get_nullable_type(item)):
        raise NotPlannable(f"{coordinate}, a list of lists")
    if is_object_type(named):
        below = sublevel(executor, named, details)
    elif is_abstract_type(named):
        types = executor.schema.get_possible_types(named)
        below = Abstract({type_.name: sublevel(executor, type_, details) for type_ in types})
    elif not is_leaf_type(named):
        raise NotPlannable(coordinate)
    rule = rule_of(definition)
    guard: dict[str, Any] = {"rule": rule} if rule and rule.of else {}
    return (Guarded if guard else Call)(
        recipe=recipe,
        key=key,
        coordinate=coordinate,
        nodes=[each.node for each in details],
        arguments=arguments_of(executor, definition, source, details[0].node),
        is_required=is_non_null_type(definition.type),
        is_list=is_list,
        is_item_required=is_list and is_non_null_type(item),
        below=below,
        output=None if below else leaf_output(definition, coordinate),
        rules=row_rules(executor.schema, named) if below else {},
        **guard,
    )


def sublevel(executor: Any, type_: GraphQLObjectType, details: Any) -> Level:
    return compile_level(
        executor, type_, executor.collect_subfields(type_, details).grouped_field_set
    )


def unplannable(schema: GraphQLSchema) -> list[str]:
    """What a test must find empty: fields that send their whole operation the slow way."""
    faults = []
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or is_introspection_type(type_):
            continue
        for name, field in type_.fields.items():
            source: Any = field.extensions.get("strawberry-definition")
            has_recipe = bool(source and source.metadata.get(RECIPE)) and not source.extensions
            returns: Any = get_nullable_type(field.type)
            is_nested = is_list_type(returns) and is_list_type(get_nullable_type(returns.of_type))
            if type_ is not schema.subscription_type and (is_nested or not has_recipe):
                faults.append(f"{type_.name}.{name}")
    return faults
