"""Writes docs/PERMISSIONS.md, who may ask for what; `--check` fails when it is stale.

It is made from the schema and from the statements behind it, so that a review sees every change
of access in a diff: a new field, another rule, a loader that lost its scope.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_object_type,
)

from core.db import SCOPE
from core.identity import PLATFORM_ONLY, Permission
from core.settings import Settings
from engine.access import PUBLIC, SIGNED_IN, Auth, rules_of
from resolvers.scope import CALLER
from schema import new_schema
from schema.access import ACCOUNT
from schema.node import LOADERS

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "PERMISSIONS.md"
ROLES: Final = ("anonymous, guest", "customer", "merchant's staff", "platform's staff", "program")
YES, NO, WITH, OWN = "yes", "–", "with it", "first-party only"

HEAD: Final = """# Who may ask for what

Made by `make schema` from the schema and the statements behind it; a test refuses a stale one.

- **anonymous, guest**: no token, or a guest's. **customer**: signed in. **merchant's staff** and
  **platform's staff**: signed in and holding permissions, for merchants or for all of them.
  **program**: an app token, or an OAuth client on its own behalf.
- *with it*: who holds the permission that the rule names, for at least one merchant.
  *first-party only*: not through a token that an OAuth client was given.
- A refused field refuses the whole operation, before any row is read. Whose rows are found is a
  matter of the statements: the last column tells what they bind from the caller. Nothing there
  means that the rows are everybody's, or lead from rows that were the caller's to see.
"""


def page(schema: GraphQLSchema) -> str:
    """The whole document."""
    return "\n".join([HEAD, *_roots(schema), *_types(schema)]).rstrip() + "\n"


def _roots(schema: GraphQLSchema) -> Iterator[str]:
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        if root is None:
            continue
        yield f"## {root.name}\n"
        yield _line("field", "rule", *ROLES)
        yield _line(*["---"] * (2 + len(ROLES)))
        for name, field in sorted(root.fields.items()):
            rule = _rule(field)
            yield _line(f"`{name}`", _named(rule), *_cells(rule))
        yield ""


def _types(schema: GraphQLSchema) -> Iterator[str]:
    yield "## Types\n"
    yield (
        "Fields without a rule of their own have their type's. Types without a rule have no door\n"
        "but the fields that lead to them.\n"
    )
    yield _line("type", "fields", "rule", *ROLES, "rows")
    yield _line(*["---"] * (4 + len(ROLES)))
    roots = {schema.query_type, schema.mutation_type, schema.subscription_type}
    for name, type_ in sorted(schema.type_map.items()):
        if not is_object_type(type_) or is_introspection_type(type_) or type_ in roots:
            continue
        yield from _lines_of_type(name, type_)
    yield ""


def _lines_of_type(name: str, type_: GraphQLObjectType) -> Iterator[str]:
    """A line for the fields under the type's own rule, and one for each narrower rule."""
    own = _rule(type_)
    groups: dict[tuple[str, str], tuple[Auth | None, list[str]]] = {}
    for field_name, field in type_.fields.items():
        rule = _rule(field) or own
        groups.setdefault(_key(rule), (rule, []))[1].append(field_name)
    for key, (rule, fields) in sorted(groups.items(), key=lambda each: each[0] != _key(own)):
        rows = _rows(name) if key == _key(own) else ""
        shown = ", ".join(f"`{each}`" for each in sorted(fields))
        cells = _cells(rule) if rule else [""] * len(ROLES)
        yield _line(f"`{name}`", shown, _named(rule), *cells, rows)


def _rule(definition: GraphQLField | GraphQLNamedType) -> Auth | None:
    return next(iter(rules_of(definition)), None)


def _key(rule: Auth | None) -> tuple[str, str]:
    return (rule.requires, str(rule.of or "")) if rule else ("", "")


def _named(rule: Auth | None) -> str:
    if rule is None:
        return ""
    return f"{rule.requires} of `{rule.of}`" if rule.of else rule.requires


def _cells(rule: Auth | None) -> list[str]:
    if rule is None:
        return [NO] * len(ROLES)
    requires = rule.requires
    if requires == PUBLIC:
        return [YES] * len(ROLES)
    if requires == SIGNED_IN:
        return [NO, YES, YES, YES, NO]
    if requires == ACCOUNT.requires:
        return [NO, OWN, OWN, OWN, NO]
    of_merchants = NO if Permission(requires) in PLATFORM_ONLY else WITH
    return [NO, NO, of_merchants, WITH, WITH]


def _rows(type_name: str) -> str:
    """What the statement that finds a type's rows by their ids binds from the caller."""
    source = LOADERS.get(type_name)
    if source is None:
        return ""
    scopes = set(source.query.scopes)
    own = ["own"] if CALLER.key in scopes else []
    return "; ".join([*own, *_permissions(scopes)]) or "everybody's"


def _permissions(scopes: Iterable[str]) -> list[str]:
    """`scope_all_X` and `scope_merchants_X` are the two halves of one condition."""
    kinds: dict[str, set[str]] = {}
    for scope in scopes:
        kind, _, permission = scope.removeprefix(SCOPE).partition("_")
        if permission:
            kinds.setdefault(permission, set()).add(kind)
    return [
        f"{permission} {'of its merchant' if 'merchants' in found else 'of the platform'}"
        for permission, found in sorted(kinds.items())
    ]


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def printed() -> str:
    shop = new_schema(Settings.model_construct())
    return page(shop._schema)  # noqa: SLF001 - Strawberry has no other way to it


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when it is stale")
    if not parser.parse_args(arguments).check:
        PAGE.write_text(printed())
        return 0
    if PAGE.exists() and PAGE.read_text() == printed():
        return 0
    sys.stderr.write("docs/PERMISSIONS.md is stale: run `make schema` and read its diff.\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
