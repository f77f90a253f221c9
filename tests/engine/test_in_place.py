"""Objects that are written in place: the same answers and errors as graphql-core's executor."""

from collections.abc import Sequence
from typing import Annotated, Any

import pytest
import strawberry

from engine.access import PUBLIC, Auth, Typed
from engine.declare import ROW, batched, column, root, translated
from engine.executor import Engine, Schema, build_schema
from tests.engine.parity import assert_same
from tests.engine.tables import Context

ANYONE = Auth(requires=PUBLIC)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "cents": 250, "currency": "USD", "inner": {"name": "a"}, "text": "one"},
    {"id": 2, "cents": None, "currency": "USD", "inner": None, "text": None},
]


@strawberry.type
class Price:  # rows: (cents, currency)
    text: str = column(str, ROW, convert=lambda row: f"{row[0]} {row[1]}", description=".")
    currency: str = column(str, 1, description=".")


@strawberry.type
class Inner:
    name: str = column(str, description=".")

    @batched(str, description=".")
    def loud(ctx: Any, rows: Sequence[Any]) -> list[str]:
        return [row["name"].upper() for row in rows]


@strawberry.type
class Circle:
    radius: int = column(int, 0, description=".")


@strawberry.type
class Square:
    side: int = column(int, 0, description=".")


SHAPES: dict[str, Any] = {
    "good": [Typed("Circle", (1,)), Typed("Square", (2,))],
    "none": [Typed("Circle", (1,)), None],
    "bad": [Typed("Circle", (1,)), ValueError("no shape")],
    "strange": [Typed("Triangle", (3,))],
    "nothing": None,
}
Shape = Annotated[Circle | Square, strawberry.union("Shape")]


@strawberry.type
class Thing:
    id: int = column(int, description=".")
    text: str | None = translated(str | None, is_chosen=True, description=".")
    required_text: str = translated(str, "text", is_chosen=True, description=".")
    price: Price | None = column(Price | None, ("cents", "currency"), description=".")
    inner: Inner | None = column(Inner | None, description=".")
    required_inner: Inner = column(Inner, "inner", description=".")
    itself: Annotated["Thing", strawberry.lazy("tests.engine.test_in_place")] = column(
        Annotated["Thing", strawberry.lazy("tests.engine.test_in_place")], ROW, description="."
    )

    @batched(list[Shape] | None, description=".")
    def shapes(ctx: Any, rows: Sequence[Any], kind: str) -> list[Any]:
        return [SHAPES[kind] for _ in rows]

    @batched(list[Shape | None] | None, description=".")
    def some_shapes(ctx: Any, rows: Sequence[Any], kind: str) -> list[Any]:
        return [SHAPES[kind] for _ in rows]

    @batched(Shape | None, description=".")
    def shape(ctx: Any, rows: Sequence[Any], kind: str) -> list[Any]:
        return [(SHAPES[kind] or [None])[-1] for _ in rows]


@strawberry.type
class Query:
    @root(list[Thing | None] | None, auth=ANYONE, description=".")
    async def things(ctx: Any) -> list[Any]:
        return ROWS


def new_schema(*, is_reference: bool) -> Schema:
    return build_schema(Engine(), query=Query, is_reference=is_reference)


OURS, REFERENCE = new_schema(is_reference=False), new_schema(is_reference=True)
KINDS = [*SHAPES]


async def nothing_to_fetch(*_: Any) -> Any:
    raise AssertionError


def asking(schema: Schema) -> Any:
    async def ask(query: str, _: Any) -> Any:
        context = Context(nothing_to_fetch, {}, "en", is_signed_in=False)
        return await schema.execute(query, context_value=context)

    return ask


@pytest.mark.parametrize(
    "fields",
    [
        "text",
        "id requiredText",
        "price { text currency }",
        "inner { name }",
        "inner { name loud }",
        "id requiredInner { name }",
        "itself { id itself { price { again: text } } }",
        "itself { inner { loud } }",
        "id itself { requiredInner { __typename name } }",
        *(
            f'{field}(kind: "{kind}") {{ __typename ... on Circle {{ radius }} }}'
            for field in ("shapes", "someShapes", "shape")
            for kind in KINDS
        ),
    ],
)
async def test_an_object_in_place_is_what_graphql_core_makes_of_it(fields: str) -> None:
    result = await assert_same(asking(OURS), asking(REFERENCE), f"{{ things {{ {fields} }} }}")

    assert result.data is not None
    assert OURS.engine.unplanned == {}


async def test_what_has_no_call_below_it_needs_no_level() -> None:
    query = '{ things { itself { price { text } } shapes(kind: "good") { __typename } } }'

    await asking(OURS)(query, None)

    [things] = OURS.engine.memory.get((query, None, ())).plan.calls
    assert [call.key for call in things.below.calls] == ["shapes"]
    assert things.below.calls[0].below is None
