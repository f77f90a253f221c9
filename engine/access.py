"""Who may see what: directives, compiled with the plan and evaluated per request.

`requires` is decided before any row is read and before either executor: a refused field refuses
the whole operation. `of` names the column that holds a row's owner: rows of other owners are null
or left out, alike in both executors. So are, behind an interface or union, rows of refused types.

Deny by default (`unguarded` finds what a test must find empty): a rule stands on every root field
and on every type with an `id`, because such rows have doors of their own (`node`, other types'
fields). Types without an id (money, connections, edges, payloads, refusals) and inputs have no
door but the fields that lead to them, so they inherit: every way in has passed a rule.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache
from itertools import repeat
from typing import Any, Final, NamedTuple

import strawberry
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import collect_fields
from strawberry.schema_directive import Location

PUBLIC: Final = "ANYONE"
SIGNED_IN: Final = "SIGNED_IN"


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT],
    description=(
        "Who may ask for this. A caller who may not is refused the whole operation; with `of`,"
        " only rows whose owner the caller works for are shown."
    ),
)
class Auth:
    """`requires`: PUBLIC, SIGNED_IN or a permission; with `of`, for the owners in that column."""

    requires: str
    of: str | None = None

    def __post_init__(self) -> None:
        self.of = self.of or strawberry.UNSET  # which is not printed, as null would be


class Typed(NamedTuple):
    """A row of an interface or union: which type it is, and the row itself."""

    type_name: str
    row: Any


def typed_rows(type_names: Iterable[str], rows: Iterable[Any]) -> Iterator[Typed]:
    """Many at once: calling the class would be a frame of Python for each."""
    made: Any = map(tuple.__new__, repeat(Typed), zip(type_names, rows, strict=True))
    return iter(made)


class Need(NamedTuple):
    """One rule that an operation must pass, and for which field.

    among: the rules of the types, behind interfaces and unions, under which the field is read; a
    caller who fails one of them gets no such rows, so that the need does not arise.
    """

    requires: str
    coordinate: str
    node: FieldNode
    among: tuple[str, ...]


def holds(requires: str, context: Any) -> bool:
    if requires == SIGNED_IN:
        return bool(context.is_signed_in)
    return requires in context.grants


def owners(rule: Auth, context: Any) -> Container[Any]:
    """For whom the caller holds the permission of a rule."""
    grants: Mapping[str, Container[Any]] = context.grants
    return grants.get(rule.requires, ())


def rules_of(definition: GraphQLField | GraphQLNamedType) -> list[Auth]:
    source = definition.extensions.get("strawberry-definition")
    return [rule for rule in getattr(source, "directives", None) or () if isinstance(rule, Auth)]


def rule_of(definition: GraphQLField | GraphQLNamedType) -> Auth | None:
    """The rule of a field or type; None when there is none, or it is public."""
    return next((rule for rule in rules_of(definition) if rule.requires != PUBLIC), None)


@cache
def row_rules(schema: GraphQLSchema, type_: GraphQLNamedType) -> dict[str, Auth]:
    """The rules by type name, of the types behind `type_` whose rows may have to be hidden."""
    if not is_abstract_type(type_):
        rule = rule_of(type_) if is_object_type(type_) else None
        return {type_.name: rule} if rule and rule.of else {}
    rules = {each.name: rule_of(each) for each in schema.get_possible_types(type_)}
    return {name: rule for name, rule in rules.items() if rule}


def kept(value: Any, rules: dict[str, Auth], context: Any, *, is_item_required: bool) -> Any:
    """A field's value without the rows that the caller must not see.

    They are left out of a list, but null where items may be null: `nodes(ids:)` keeps places.
    """

    def is_seen(row: Any) -> bool:
        if row is None or isinstance(row, Exception):
            return True
        if type(row) is not Typed:
            return may_see(row, only, context)
        rule = rules.get(row.type_name)
        return rule is None or may_see(row.row, rule, context)

    only = next(iter(rules.values()))
    if value is None or isinstance(value, Exception):
        return value
    if isinstance(value, list):
        if is_item_required:
            return [row for row in value if is_seen(row)]
        return [row if is_seen(row) else None for row in value]
    return value if is_seen(value) else None


def may_see(row: Any, rule: Auth, context: Any) -> bool:
    if not rule.of:
        return holds(rule.requires, context)
    return row[rule.of] in owners(rule, context)


class Needs:
    """Collects what an operation needs, whoever asks; skipped fields need nothing."""

    def __init__(self, executor: Any) -> None:
        self.executor, self.schema = executor, executor.schema
        self.found: dict[tuple[str, str, tuple[str, ...]], Need] = {}

    def collect(self) -> tuple[Need, ...]:
        executor = self.executor
        root = self.schema.get_root_type(executor.operation.operation)
        collected = collect_fields(
            self.schema, executor.fragments, executor.variable_values, root, executor.operation
        )
        self.walk(root, collected.grouped_field_set, ())
        return tuple(self.found.values())

    def walk(self, parent: Any, grouped: dict[str, Any], among: tuple[str, ...]) -> None:
        for details in grouped.values():
            node = details[0].node
            definition = parent.fields.get(node.name.value)
            if definition is None:  # __typename, __schema, __type
                continue
            coordinate = f"{parent.name}.{node.name.value}"
            self.add(definition, coordinate, node, among)
            named: Any = get_named_type(definition.type)
            if not is_composite_type(named) or is_introspection_type(named):
                continue
            for type_ in self.types(named):
                fields = self.executor.collect_subfields(type_, details).grouped_field_set
                if not fields:
                    continue
                rule = rule_of(type_) if is_abstract_type(named) else None
                if rule is None:
                    self.add(type_, coordinate, node, among)
                self.walk(type_, fields, (*among, rule.requires) if rule else among)

    def types(self, named: Any) -> Any:
        return self.schema.get_possible_types(named) if is_abstract_type(named) else [named]

    def add(
        self,
        definition: GraphQLField | GraphQLNamedType,
        coordinate: str,
        node: FieldNode,
        among: tuple[str, ...],
    ) -> None:
        if rule := rule_of(definition):
            need = Need(rule.requires, coordinate, node, among)
            self.found.setdefault((rule.requires, coordinate, among), need)


def refusals(needs: tuple[Need, ...], context: Any) -> list[GraphQLError]:
    """One error per field that the caller may not ask for."""
    refused = {
        need.coordinate: need
        for need in needs
        if not holds(need.requires, context) and all(holds(rule, context) for rule in need.among)
    }
    return [refusal(need, is_known=context.is_known) for need in refused.values()]


def refusal(need: Need, *, is_known: bool) -> GraphQLError:
    message = f"You may not ask for {need.coordinate}."
    if not is_known:
        message = f"Sign in to ask for {need.coordinate}."
    code = "FORBIDDEN" if is_known else "UNAUTHENTICATED"
    return GraphQLError(message, need.node, extensions={"code": code, "field": need.coordinate})


def unguarded(schema: GraphQLSchema) -> list[str]:
    """What a test must find empty.

    Root fields and types with an id that have no rule; non-null fields whose value a rule could
    hide.
    """
    roots = schema.query_type, schema.mutation_type, schema.subscription_type
    faults = []
    for type_ in schema.type_map.values():
        if not is_object_type(type_) or is_introspection_type(type_):
            continue
        if type_ not in roots and "id" in type_.fields and not rules_of(type_):
            faults.append(type_.name)
        for name, field in type_.fields.items():
            is_open = type_ in roots and not rules_of(field)
            if is_open or (is_non_null_type(field.type) and may_be_hidden(schema, field)):
                faults.append(f"{type_.name}.{name}")
    return faults


def may_be_hidden(schema: GraphQLSchema, field: GraphQLField) -> bool:
    if any(rule.of for rule in rules_of(field)):
        return True
    is_row = not is_list_type(get_nullable_type(field.type))
    return is_row and bool(row_rules(schema, get_named_type(field.type)))
