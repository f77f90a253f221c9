"""Fields of a selection, and which of them need no level of their own."""

from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)

from engine.access import row_rules
from engine.declare import RECIPE, Column, Function

MAX_TYPES: Final = 8  # of an interface or union in place: a row is compared with each in turn


class NotPlannable(Exception):
    """The operation has something that only graphql-core's executor knows."""


class Field(NamedTuple):
    """One field of a selection, as it was declared; `details`: where it is asked for."""

    definition: GraphQLField
    source: Any
    recipe: Column | Function
    coordinate: str
    key: str
    details: Any

    @property
    def named(self) -> Any:
        return get_named_type(self.definition.type)

    @property
    def returns(self) -> Any:
        """Its type, whether or not it may be null."""
        return get_nullable_type(self.definition.type)

    @property
    def is_required(self) -> bool:
        return is_non_null_type(self.definition.type)


def field_of(type_: GraphQLObjectType, key: str, details: Any) -> Field | None:
    """None: `__typename`. Raises: NotPlannable."""
    name = details[0].node.name.value
    if name == "__typename":
        return None
    definition = type_.fields.get(name)
    source: Any = definition and definition.extensions.get("strawberry-definition")
    recipe = source and source.metadata.get(RECIPE)
    coordinate = f"{type_.name}.{name}"
    if not recipe or source.extensions or definition is None:
        raise NotPlannable(coordinate)
    return Field(definition, source, recipe, coordinate, key, details)


def fields_below(executor: Any, type_: GraphQLObjectType, field: Field) -> dict[str, Any]:
    found: dict[str, Any] = executor.collect_subfields(type_, field.details).grouped_field_set
    return found


def is_in_place(executor: Any, field: Field) -> bool:
    """Whether the objects of a field ask for nothing but columns, and for objects made of them."""
    named = field.named
    types = executor.schema.get_possible_types(named) if is_abstract_type(named) else [named]
    return len(types) <= MAX_TYPES and all(
        is_column(executor, inner)
        for type_ in types
        for key, details in fields_below(executor, type_, field).items()
        if (inner := field_of(type_, key, details))
    )


def is_column(executor: Any, field: Field) -> bool:
    """Whether a field can be written without a call: no function, no list, no rows to hide."""
    if not isinstance(field.recipe, Column):
        return False
    if is_leaf_type(field.named):
        return True
    is_object = is_object_type(field.named) and not is_list_type(field.returns)
    return (
        is_object and not row_rules(executor.schema, field.named) and is_in_place(executor, field)
    )
