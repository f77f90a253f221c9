"""The source of a level's `build`: dict literals over rows, with the objects in them in place.

An object is written in place when nothing below it calls a function: its own level would walk the
same rows again, only to give each back to its parent.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLObjectType, is_leaf_type, is_object_type

from engine.access import owners, rule_of
from engine.call import Call
from engine.declare import ROW, Column, Function, values_of
from engine.errors import Failed
from engine.field import Field, field_of, fields_below, is_column
from engine.leaves import convert, enum_names, leaf_output, required


class Source:
    """Writes one level's `build`. Only names, by repr(), get into the source; values are named.

    compile_call: makes the Call of a field that has a function.
    """

    def __init__(self, executor: Any, compile_call: Callable[[Any, Field], Call]) -> None:
        self.executor, self.compile_call = executor, compile_call
        self.calls: list[Call] = []
        self.names: dict[str, Any] = {"Failed": Failed}
        self.prologue = ["language, fallback = context.language, context.fallback"]
        self.variables = 0

    def compiled(self, type_: GraphQLObjectType, grouped: dict[str, Any]) -> Any:
        item = self.object(type_, grouped, "row")
        values, lists = ("".join(f", {x}{n}" for n in range(len(self.calls))) for x in "vc")
        rows = f"zip(rows{lists})" if lists else "rows"
        body = [*self.prologue, f"return [{item} for row{values} in {rows}]"]
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

    def object(self, type_: GraphQLObjectType, grouped: dict[str, Any], row: str) -> str:
        """The dict of one object, whose row is the variable `row`."""
        items = [
            f"{key!r}: {self.field(type_, key, details, row)}" for key, details in grouped.items()
        ]
        return f"{{{', '.join(items)}}}"

    def field(self, type_: GraphQLObjectType, key: str, details: Any, row: str) -> str:
        field = field_of(type_, key, details)
        if field is None:
            return repr(type_.name)
        if isinstance(field.recipe, Column):
            if is_leaf_type(field.named):
                return self.guarded(field, self.leaf(field, field.recipe, row), row)
            if is_column(self.executor, field):
                return self.guarded(field, self.embedded(field, field.recipe, row), row)
            function = Function(values_of(field.recipe, field.source.python_name), "batched")
            field = field._replace(recipe=function)
        value = f"v{len(self.calls)}"
        call = self.compile_call(self.executor, field)
        self.calls.append(call)
        return self.in_place(field, call, value) if call.is_in_place else value

    def guarded(self, field: Field, value: str, row: str) -> str:
        """Null where a rule names an owner for whom the caller may not see it."""
        if (rule := rule_of(field.definition)) and rule.of:
            allowed = self.bound(lambda context: owners(rule, context))
            return f"({value} if {row}[{rule.of!r}] in {allowed} else None)"
        return value

    def leaf(self, field: Field, recipe: Column, row: str) -> str:
        value, is_required = self.read(field, recipe, row), field.is_required
        if recipe.is_translated:
            if not recipe.is_chosen:
                texts = value if is_required else f"({value} or {{}})"
                value = f"({texts}.get(language) or {texts}.get(fallback))"
            if is_required:
                return f"(text if (text := {value}) is not None else {self.missing(field)})"
            return value
        output = leaf_output(field.definition, field.coordinate)
        if names := enum_names(field.definition, recipe):
            return convert(f"{self.name(names)}.__getitem__", value, is_required=is_required)
        value = self.converted(field, recipe, value)
        return convert(self.name(output), value, is_required=is_required) if output else value

    def read(self, field: Field, recipe: Column, row: str) -> str:
        key = field.source.python_name if recipe.key is None else recipe.key
        if key is ROW:
            return row
        if not isinstance(key, tuple):
            return f"{row}[{key!r}]"
        value = f"({', '.join(f'{row}[{each!r}]' for each in key)})"
        return (
            value if field.is_required else f"({value} if {row}[{key[0]!r}] is not None else None)"
        )

    def converted(self, field: Field, recipe: Column, value: str) -> str:
        if not recipe.bind and not recipe.convert:
            return value
        function = self.bound(recipe.bind) if recipe.bind else self.name(recipe.convert)
        return convert(function, value, is_required=field.is_required)

    def missing(self, field: Field) -> str:
        """An expression that raises: null, or a row of no known type, where there must be one."""
        return f"{self.name(required(field.coordinate))}(None)"

    def embedded(self, field: Field, recipe: Column, row: str) -> str:
        """An object whose row is a column, or the parent's own row."""
        value = self.converted(field, recipe, self.read(field, recipe, row))
        if value == row:
            return self.below(field, row)
        gap = self.missing(field) if field.is_required else "None"
        self.variables += 1
        inner = f"r{self.variables}"
        return f"({gap} if ({inner} := {value}) is None else {self.below(field, inner)})"

    def in_place(self, field: Field, call: Call, value: str) -> str:
        """The objects of a field with a function: what it gave are their rows, already checked."""
        self.variables += 1
        inner = f"r{self.variables}" if call.is_list else value
        written = self.below(field, inner)
        if call.is_list:
            if not call.is_item_required:
                written = f"({inner} if {is_gap_text(inner)} else {written})"
            written = f"[{written} for {inner} in {value}]"
        return written if call.is_required else f"({value} if {is_gap_text(value)} else {written})"

    def below(self, field: Field, row: str) -> str:
        """The dict of an object; of an interface or union, whose row says its type, one of them."""
        if is_object_type(field.named):
            return self.selected(field.named, field, row)
        schema, written = self.executor.schema, self.missing(field)
        for type_ in schema.get_possible_types(field.named):
            own = self.selected(type_, field, f"{row}[1]")
            written = f"({own} if {row}[0] == {type_.name!r} else {written})"
        return written

    def selected(self, type_: GraphQLObjectType, field: Field, row: str) -> str:
        return self.object(type_, fields_below(self.executor, type_, field), row)


def is_gap_text(value: str) -> str:
    """`is_gap`, written out: it is asked of every row."""
    return f"{value} is None or type({value}) is Failed"
