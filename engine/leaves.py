"""How leaves are written: scalars, enums and lists of them."""

from collections.abc import Callable
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
    is_non_null_type,
    is_specified_scalar_type,
)
from strawberry.types.scalar import identity

from engine.declare import Column
from engine.errors import Repeat, is_gap
from engine.field import NotPlannable


def required(coordinate: str) -> Callable[[Any], Any]:
    """What no null passes, in a field that must not be null."""

    def check(value: Any) -> Any:
        if value is None:
            raise Repeat(coordinate)
        return value

    return check


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
