"""Plans: what an operation does at each level; one per document and values of @skip and @include.

A level is one selection of one object type. It calls its functions once for all rows, and one
generated function makes its result, for example:

    def build(rows, context, c0):
        language, fallback = context.language, context.fallback
        return [{'id': n0(row['id']), 'name': row['name'], 'variants': v0}
                for row, v0 in zip(rows, c0)]
"""

from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_introspection_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import collect_fields

from engine.access import row_rules, rule_of
from engine.arguments import arguments_of
from engine.call import Call, Guarded
from engine.declare import RECIPE, Function
from engine.field import Field, NotPlannable, fields_below, is_in_place
from engine.leaves import leaf_output
from engine.level import Abstract, Level
from engine.source import Source


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
    source = Source(executor, compile_call)
    build = source.compiled(type_, grouped)
    return Level(source.calls, build, source.size)


def compile_call(executor: Any, field: Field) -> Call:
    """A field with a function, and the level below it unless that is written in place."""
    definition, named, recipe = field.definition, field.named, field.recipe
    assert isinstance(recipe, Function)
    is_list = is_list_type(field.returns)
    item = field.returns.of_type if is_list else field.returns
    if is_list_type(get_nullable_type(item)):
        raise NotPlannable(f"{field.coordinate}, a list of lists")
    in_place = is_composite_type(named) and is_in_place(executor, field)
    below: Level | Abstract | None = None
    if is_object_type(named) and not in_place:
        below = sublevel(executor, named, field)
    elif is_abstract_type(named) and not in_place:
        types = executor.schema.get_possible_types(named)
        below = Abstract({type_.name: sublevel(executor, type_, field) for type_ in types})
    rule = rule_of(definition)
    guard: dict[str, Any] = {"rule": rule} if rule and rule.of else {}
    return (Guarded if guard else Call)(
        recipe=recipe,
        key=field.key,
        coordinate=field.coordinate,
        nodes=[each.node for each in field.details],
        arguments=arguments_of(executor, definition, field.source, field.details[0].node),
        is_required=field.is_required,
        is_list=is_list,
        is_item_required=is_list and is_non_null_type(item),
        is_in_place=in_place,
        below=below,
        output=leaf_output(definition, field.coordinate) if is_leaf_type(named) else None,
        rules={} if is_leaf_type(named) else row_rules(executor.schema, named),
        **guard,
    )


def sublevel(executor: Any, type_: GraphQLObjectType, field: Field) -> Level:
    return compile_level(executor, type_, fields_below(executor, type_, field))


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
