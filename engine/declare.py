"""How fields are declared: five ways, each for both executors.

A declaration leaves its recipe in the field's metadata, from which the plan generates code, and a
resolver made of the same function, which graphql-core's own executor calls: the reference of the
tests, and the way of errors.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from inspect import Parameter, Signature, iscoroutinefunction, signature
from typing import Any, Final

import strawberry
from aiodataloader import DataLoader
from graphql import get_named_type, get_nullable_type, is_list_type, is_non_null_type
from strawberry import Info

from engine.access import Auth, Typed, kept, owners, row_rules
from engine.errors import once

RECIPE: Final = "recipe"


class Whole(Enum):
    ROW = "row"


ROW: Final = Whole.ROW  # as a column's key: not a part of the row but the row itself
Key = str | int | tuple[str, ...] | Whole | None


@dataclass(frozen=True, slots=True)
class Column:
    """A value in the row, by name or position; perhaps converted.

    Several names make a tuple, the row of an object: null where the first of them is.
    """

    key: Key
    convert: Callable[[Any], Any] | None = None
    bind: Callable[[Any], Callable[[Any], Any]] | None = None
    is_translated: bool = False
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function: of all parents (batched), of none (root), of none and once (mutation)."""

    function: Callable[..., Any]
    kind: str


@dataclass(frozen=True, slots=True)
class About:
    """What the documentation says of a field; `name` only where Python's name would not do."""

    description: str
    deprecation_reason: str | None
    name: str | None


def column(
    type_: Any,
    key: Key = None,
    *,
    description: str,
    convert: Callable[[Any], Any] | None = None,
    bind: Callable[[Any], Callable[[Any], Any]] | None = None,
    auth: Auth | None = None,
    deprecation_reason: str | None = None,
    name: str | None = None,
) -> Any:
    """A field read from the row; of an object, its row.

    `convert` makes the wire value; `bind(context)` makes such a converter, once per operation.
    """
    about = About(description, deprecation_reason, name)
    return _from_row(type_, Column(key, convert, bind), auth, about)


def translated(
    type_: Any,
    key: str | None = None,
    *,
    description: str,
    is_chosen: bool = False,
    auth: Auth | None = None,
    deprecation_reason: str | None = None,
    name: str | None = None,
) -> Any:
    """A column `{language: text}`: the caller's language, else the fallback language.

    `is_chosen`: the statement has chosen already, the column is that text.
    """
    about = About(description, deprecation_reason, name)
    return _from_row(type_, Column(key, is_translated=True, is_chosen=is_chosen), auth, about)


def _from_row(type_: Any, recipe: Column, auth: Auth | None, about: About) -> Any:
    def resolve(root: Any, info: Info) -> Any:
        row, context = _row(root), info.context
        if not _is_visible(row, auth, context):
            return None
        return _kept(value_of(recipe, info.python_name, row, context), info)

    return _field(type_, resolve, recipe, auth, about)


def batched(
    type_: Any,
    *,
    description: str,
    auth: Auth | None = None,
    deprecation_reason: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """A field resolved for all parents at once: `def field(ctx, parents, **arguments) -> list`.

    Plain or async. One value per parent, in order; an Exception in the place of one parent fails
    that parent only.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
            row, context = _row(root), info.context
            if not _is_visible(row, auth, context):
                return None

            async def load(rows: list[Any]) -> Any:
                values = function(context, [row for (row,) in rows], **arguments)
                return await values if iscoroutinefunction(function) else values

            key = function, repr(arguments)
            if key not in context.batches:
                context.batches[key] = DataLoader[Any, Any](load, cache=False, get_cache_key=id)
            return _kept(await context.batches[key].load((row,)), info)

        about = About(description, deprecation_reason, name)
        recipe = Function(function, "batched")
        return _field(type_, _signed(resolve, function, 2), recipe, auth, about)

    return decorate


def root(
    type_: Any,
    *,
    auth: Auth,
    description: str,
    deprecation_reason: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """A field of Query: `async def field(ctx, **arguments)`, no parents, one value."""

    def decorate(function: Callable[..., Any]) -> Any:
        async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
            return _kept(await function(info.context, **arguments), info)

        about = About(description, deprecation_reason, name)
        recipe = Function(function, "root")
        return _field(type_, _signed(resolve, function, 1), recipe, auth, about)

    return decorate


def mutation(
    type_: Any,
    *,
    auth: Auth,
    description: str,
    deprecation_reason: str | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Any]], Any]:
    """A field of Mutation: one transaction that gives ids; the payload is read afterwards.

    Always nullable: one mutation's failure must not hide another's committed answer.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        async def resolve(root: Any, info: Info, **arguments: Any) -> Any:
            return await once(info.context, str(info.path.key), function, arguments)

        about = About(description, deprecation_reason, name)
        recipe = Function(function, "mutation")
        return _field(type_ | None, _signed(resolve, function, 1), recipe, auth, about)

    return decorate


def _field(
    type_: Any, resolve: Callable[..., Any], recipe: Any, auth: Auth | None, about: About
) -> Any:
    return strawberry.field(
        resolver=resolve,
        graphql_type=type_,
        metadata={RECIPE: recipe},
        directives=[auth] if auth else [],
        **asdict(about),
    )


def value_of(recipe: Column, python_name: str, row: Any, context: Any) -> Any:
    """What the generated code reads from a row."""
    key = python_name if recipe.key is None else recipe.key
    if key is ROW:
        value = row
    elif isinstance(key, tuple):
        value = None if row[key[0]] is None else tuple(row[each] for each in key)
    else:
        value = row[key]
    if recipe.is_translated and not recipe.is_chosen:
        texts = value or {}
        return texts.get(context.language) or texts.get(context.fallback)
    convert = recipe.bind(context) if recipe.bind else recipe.convert
    return value if value is None or not convert else convert(value)


def values_of(recipe: Column, python_name: str) -> Callable[[Any, Sequence[Any]], list[Any]]:
    """A column as a batched function: of objects that can't be written in place."""
    return lambda context, rows: [value_of(recipe, python_name, row, context) for row in rows]


def _signed(resolve: Any, function: Callable[..., Any], skipped: int) -> Any:
    """Give a resolver the GraphQL arguments of the function behind it."""
    own: list[Parameter] = [*signature(resolve).parameters.values()][:2]
    resolve.__signature__ = Signature(own + [*signature(function).parameters.values()][skipped:])
    return resolve


def _row(root: Any) -> Any:
    return root.row if type(root) is Typed else root


def _is_visible(row: Any, auth: Auth | None, context: Any) -> bool:
    return not auth or not auth.of or row[auth.of] in owners(auth, context)


def _kept(value: Any, info: Info) -> Any:
    raw = info._raw_info  # noqa: SLF001 - Strawberry's Info does not show the GraphQL type
    rules = row_rules(raw.schema, get_named_type(raw.return_type))
    if not rules:
        return value
    type_: Any = get_nullable_type(raw.return_type)
    is_item_required = is_list_type(type_) and is_non_null_type(type_.of_type)
    return kept(value, rules, info.context, is_item_required=is_item_required)
