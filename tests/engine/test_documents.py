"""Documents are limited, and read once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import get_introspection_query
from strawberry.extensions import SchemaExtension

import engine.document
from engine.document import Limits, Memory
from engine.executor import Engine, build_schema
from tests.engine.conftest import Shop
from tests.engine.example import Query

SPREAD = "fragment F0 on Product{variants{...G}} fragment G on Variant{a:id b:id c:id}"
TOO_MANY = "number of %s is %s, more than %s"


@pytest.mark.parametrize(
    ("limits", "query", "message"),
    [
        (Limits(depth=2), "{products{variants{id}}}", "depth is 3, more than 2"),
        (
            Limits(depth=2),
            "{products{...F}} fragment F on Product{variants{id}}",
            "depth is 3, more than 2",
        ),
        (Limits(aliases=1), "{a:products{i:id}}", TOO_MANY % ("aliases", 2, 1)),
        (Limits(aliases=5), "{products{...F0}p:products{...F0}}" + SPREAD, "aliases is 7"),
        (Limits(fields=9), "{products{...F0}p:products{...F0}}" + SPREAD, "fields is 10"),
        (
            Limits(root_fields=1),
            "{a:products{id} ...on Query{broken}}",
            TOO_MANY % ("root fields", 2, 1),
        ),
        (
            Limits(root_mutations=1),
            "mutation{a:cartLineAdd(input:{variant:5}){lines{id}}"
            "b:cartLineAdd(input:{variant:5}){lines{id}}}",
            TOO_MANY % ("root fields", 2, 1),
        ),
        (Limits(tokens=5), "{products{id name slug}}", "more than 5 tokens"),
        (Limits(), "{product(id:1)" + "{brand" * 900 + "}" * 901, "nested too deeply"),
    ],
)
async def test_limits_hold_cold_and_warm(
    limited: Callable[[Limits], Shop], limits: Limits, query: str, message: str
) -> None:
    shop = limited(limits)

    answers = [await shop.execute(query), await shop.execute(query)]

    for errors in [answer.errors or [] for answer in answers]:
        assert message.partition(", more than")[0] in errors[0].message
        assert errors[0].extensions == {"code": "QUERY_TOO_COMPLEX"}
    assert shop.statements == []


async def test_fragments_that_multiply_are_refused_without_being_unfolded(shop: Shop) -> None:
    fragments = " ".join(
        f"fragment F{n} on Product{{strictPicks{{id}} ...F{n + 1} variants{{price{{...M}}}}"
        f" ...F{n + 1}}}"
        for n in range(60)
    )
    query = "{products{...F0}} fragment F60 on Product{id} fragment M on Money{amount} " + fragments

    result = await shop.execute(query)

    assert "number of fields" in (result.errors or [])[0].message
    assert shop.statements == []


@pytest.mark.parametrize("is_allowed", [True, False])
async def test_introspection_runs_where_it_is_allowed(
    limited: Callable[[Limits], Shop], is_allowed: bool
) -> None:
    shop = limited(Limits(introspection=is_allowed))

    result = await shop.execute(get_introspection_query())

    if is_allowed:
        assert not result.errors
        assert result.data
        names = [directive["name"] for directive in result.data["__schema"]["directives"]]
        assert {"auth", "inContext"} <= {*names}
    else:
        assert "introspection has been disabled" in (result.errors or [])[0].message


async def test_a_warm_request_neither_parses_nor_validates(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "{products{id variants{sku}}}"
    await shop.execute(query)
    calls: list[str] = []
    for place in ("engine.document.parse", "engine.document.validate"):
        monkeypatch.setattr(place, lambda *_, **__: calls.append("called"))
    for name in ("parse", "validate"):
        monkeypatch.setattr(
            f"strawberry.schema.schema.{name}", lambda *_, **__: calls.append("called")
        )

    result = await shop.execute(query)

    assert (result.errors, calls) == (None, [])
    assert engine.document.parse is not None


async def test_limits_hold_for_what_another_extension_makes_of_a_query(shop: Shop) -> None:
    seen: list[str] = []

    class Longer(SchemaExtension):
        def on_operation(self) -> Iterator[None]:
            self.execution_context.query = "{" + " ".join(f"a{n}:told" for n in range(21)) + "}"
            yield
            seen.append("ended")

    schema = build_schema(Engine(), query=Query, extensions=[Longer])

    result = await schema.execute("{told}", context_value=shop.context())

    assert "number of root fields is 21" in (result.errors or [])[0].message
    assert seen == ["ended"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nothing}", "GRAPHQL_VALIDATION_FAILED"),
        ('{product(id:"x"){id}}', "GRAPHQL_VALIDATION_FAILED"),
        ("query($id:Int!){product(id:$id){id}}", "BAD_USER_INPUT"),
        ("{products(first:-1){id}}", "BAD_USER_INPUT"),
    ],
)
async def test_a_callers_mistake_has_its_code_and_keeps_its_message(
    shop: Shop, query: str, code: str
) -> None:
    cold, warm = await shop.execute(query, {"id": "x"}), await shop.execute(query, {"id": "x"})

    for error in [*(cold.errors or ()), *(warm.errors or ())]:
        assert error.extensions == {"code": code}
        assert "Something went wrong" not in error.message


async def test_documents_and_plans_are_forgotten_by_bytes(shop: Shop) -> None:
    shop.engine.memory.limit = 100_000

    for n in range(300):
        await shop.execute(f"{{a{n}:products(first:1){{id name}}}}")

    assert 1 < len(shop.engine.memory.entries) < 100
    assert shop.engine.memory.used <= 100_000


def test_the_least_recently_used_entry_is_forgotten_first() -> None:
    memory = Memory(80)
    for key in "abcdefgh":
        memory.put(key, 1, 10)
    memory.get("a")

    memory.put("i", 3, 10)

    assert [memory.get(key) for key in "abi"] == [1, None, 3]


def test_an_entry_that_would_drive_out_the_others_is_not_kept() -> None:
    memory: Any = Memory(80)
    memory.put("a", 1, 10)

    memory.put("b", 2, 11)

    assert (memory.get("a"), memory.get("b"), memory.used) == (1, None, 10)
