"""Directives beyond what Strawberry can print or take: `@inContext`, and `@auth`'s enum."""

import re
from collections.abc import Mapping
from typing import Any, Final

from graphql import (
    DirectiveLocation,
    GraphQLArgument,
    GraphQLDirective,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
)
from strawberry.annotation import StrawberryAnnotation

from engine.access import PUBLIC, SIGNED_IN, Auth, rules_of

IN_CONTEXT: Final = "inContext"
LOCATIONS: Final = (
    DirectiveLocation.QUERY,
    DirectiveLocation.MUTATION,
    DirectiveLocation.SUBSCRIPTION,
)
MEANINGS: Final = {PUBLIC: "Everybody.", SIGNED_IN: "Whoever is signed in."}


def declare_in_context(schema: Any, arguments: Mapping[str, Any]) -> None:
    """Add the directive to a finished schema: given to Strawberry, it would bring a middleware."""
    own: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry has no other way to it
    args = {}
    for name, python_type in arguments.items():
        type_: Any = schema.schema_converter.from_type(StrawberryAnnotation(python_type).resolve())
        type_ = get_nullable_type(type_)
        own.type_map.setdefault(get_named_type(type_).name, get_named_type(type_))
        args[name] = GraphQLArgument(
            type_, description=f"The {name} in which to answer; without it, the caller's own."
        )
    description = "In which language, for which country and in which currency to answer."
    own.directives += (GraphQLDirective(IN_CONTEXT, LOCATIONS, args, description=description),)


def show_requirements(schema: GraphQLSchema) -> None:
    """Let `@auth(requires:)` be an enum of what the schema's rules require, for its readers.

    Rules are written with plain strings or the shop's own enum: an engine knows no permissions.
    """
    auth = schema.get_directive("auth")
    if auth is None:
        return
    values = {
        enum_name(requires): GraphQLEnumValue(
            requires, description=MEANINGS.get(requires, f"Who holds the permission {requires}.")
        )
        for requires in sorted({str(rule.requires) for rule in all_rules(schema)})
    }
    requirement = GraphQLEnumType("Requirement", values, description="What a caller must be.")
    schema.type_map[requirement.name] = requirement
    auth.args["requires"].type = GraphQLNonNull(requirement)
    auth.args["of"].default_value = Undefined


def all_rules(schema: GraphQLSchema) -> list[Auth]:
    rules: list[Auth] = []
    for type_ in schema.type_map.values():
        rules += rules_of(type_)
        for field in getattr(type_, "fields", {}).values():
            rules += rules_of(field)
    return rules


def enum_name(requires: str) -> str:
    return re.sub(r"\W", "_", requires).upper()
