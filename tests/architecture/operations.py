"""Operations made from the schema: whatever it grows, they ask for it."""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
    is_union_type,
)

from engine.access import holds, rule_of

# What stands between an object and the objects of its lists; no thing of its own.
WRAPPERS: Final = ("Connection", "Edge")

May = Callable[[Any], bool]


def may_everything(definition: Any) -> bool:
    return True


def may(context: Any) -> May:
    """Whether a caller may ask for a field or type."""

    def is_allowed(definition: Any) -> bool:
        rule = rule_of(definition)
        return rule is None or holds(rule.requires, context)

    return is_allowed


def selection(
    schema: GraphQLSchema,
    type_: Any,
    *,
    depth: int,
    allowed: May = may_everything,
    seen: frozenset[str] = frozenset(),
) -> str:
    """Everything of a type that needs no argument, and of what it leads to, `depth` types deep.

    No type is asked for again below itself. Fields of several types under one are renamed.
    """
    if is_interface_type(type_) or is_union_type(type_):
        parts = [
            f"... on {each.name} {{ {inner} }}"
            for each in schema.get_possible_types(type_)
            if allowed(each)
            if (
                inner := selection(
                    schema, each, depth=depth, allowed=allowed, seen=seen | {type_.name}
                )
            )
        ]
        return " ".join(["__typename", *parts])
    fields, seen = [], seen | {type_.name}
    for name, field in type_.fields.items():
        named: Any = get_named_type(field.type)
        if any(map(is_required_argument, field.args.values())) or not allowed(field):
            continue
        alias = f"{type_.name}_{name}: {name}"
        if is_leaf_type(named):
            fields.append(alias)
            continue
        is_wrapper = named.name.endswith(WRAPPERS)
        if named.name in seen or not allowed(named) or (depth == 0 and not is_wrapper):
            continue
        inner = selection(
            schema,
            named,
            depth=depth if is_wrapper else depth - 1,
            allowed=allowed,
            seen=seen,
        )
        if inner:
            fields.append(f"{alias} {{ {inner} }}")
    return " ".join(fields)


class Path(NamedTuple):
    """How to come to a type: fields from a root down, and the arguments of the first."""

    steps: tuple[str, ...]
    arguments: str = ""

    def asking(self, inner: str) -> str:
        """A whole query that ends in `inner`, asked of the type that the path leads to."""
        steps = list(self.steps)
        if steps:
            steps[0] += self.arguments
        return "{ " + "".join(f"{step} {{ " for step in steps) + inner + " }" * (len(steps) + 1)

    def then(self, *steps: str) -> "Path":
        return Path((*self.steps, *steps), self.arguments)


def fields_with_objects(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, Any]]:
    """Every field of every type that is reached from Query and gives objects: type, name, field."""
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or type_.name.startswith("__"):
            continue
        if type_ is schema.mutation_type or type_.name.endswith("Payload"):
            continue
        for name, field in type_.fields.items():
            if is_composite_type(get_named_type(field.type)):
                yield type_, name, field


def is_list_field(field: GraphQLField) -> bool:
    """Whether a field gives many objects, at once or in pages."""
    named: Any = get_named_type(field.type)
    type_: Any = get_nullable_type(field.type)
    return is_list_type(type_) or named.name.endswith("Connection")


def paths(schema: GraphQLSchema, starts: dict[str, Path]) -> dict[str, Path]:
    """The shortest path to every type that can be read, from those where one may start."""
    found = dict(starts)
    waiting = list(starts)
    while waiting:
        name = waiting.pop(0)
        type_: Any = schema.type_map[name]
        for field_name, field in getattr(type_, "fields", {}).items():
            named: Any = get_named_type(field.type)
            if any(map(is_required_argument, field.args.values())) or is_leaf_type(named):
                continue
            step = found[name].then(field_name)
            possible = [named] if is_object_type(named) else schema.get_possible_types(named)
            for each in possible:
                if each.name not in found:
                    fragment = () if each is named else (f"... on {each.name}",)
                    found[each.name] = step.then(*fragment)
                    waiting.append(each.name)
    return found


EXAMPLES: Final[dict[str, Any]] = {
    "Int": 1,
    "Boolean": True,
    "BigInt": "1",
    "Decimal": "1.00",
    "DateTime": "2026-01-01T00:00:00Z",
    "CountryCode": "US",
    "CurrencyCode": "USD",
    "LanguageCode": "en",
}


def example(type_: Any) -> Any:
    """The smallest value that an argument takes."""
    if is_list_type(get_nullable_type(type_)):
        return []
    named: Any = get_named_type(type_)
    if is_enum_type(named):
        return next(iter(named.values))
    if not is_input_object_type(named):
        return EXAMPLES.get(named.name, "nothing")
    fields = named.fields
    required = [name for name, field in fields.items() if is_required_input_field(field)]
    return {name: example(fields[name].type) for name in required or [*fields][:1]}


def smallest(operation: str, name: str, field: GraphQLField) -> tuple[str, dict[str, Any]]:
    """An operation with one root field and no more than it needs, and its variables."""
    needed = {key: each for key, each in field.args.items() if is_required_argument(each)}
    declared = ", ".join(f"${key}: {each.type}" for key, each in needed.items())
    passed = ", ".join(f"{key}: ${key}" for key in needed)
    head, arguments = (f"({declared})", f"({passed})") if needed else ("", "")
    text = f"{operation}{head} {{ {name}{arguments} {{ __typename }} }}"
    return text, {key: example(each.type) for key, each in needed.items()}
