"""How operations run: what is asked together, what fails alone, and what is never done twice."""

import asyncio
import logging
from typing import Any

import pytest

from engine.plan import unplannable
from tests.engine.conftest import Shop
from tests.engine.example import Fault

SHELVES = "{" + " ".join(f"s{n}:products(first:4,after:{n * 4}){{%s}}" for n in range(6)) + "}"
HOME = SHELVES.replace("%s", "id name brand{name} variants{sku price{amount}} assets{__typename}")
ADD = "cartLineAdd(input:{variant:%s}){lines{quantity}}"


async def test_six_shelves_need_one_statement_each_and_one_per_relation(shop: Shop) -> None:
    result = await shop.execute(HOME)

    assert not result.errors
    assert len(shop.statements) == 6 + 3  # brands, variants and media


async def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(shop: Shop) -> None:
    query = "query($n:Int!){products(first:$n){id brand{name} variants{id} offers{id}}}"
    await shop.execute(query, {"n": 1})
    few = len(shop.statements)

    await shop.execute(query, {"n": 20})

    assert few == len(shop.statements) == 4


async def test_what_two_branches_ask_of_one_relation_is_one_statement(shop: Shop) -> None:
    result = await shop.execute(
        "{a:products{variants{id}} b:products(after:3){span{stop{amount}}}}"
    )

    assert not result.errors
    assert sum("from variant" in sql for sql in shop.statements) == 1


async def test_a_failing_nullable_field_is_not_repeated(shop: Shop) -> None:
    result = await shop.execute("{products(first:2){id shaky variants{rating}} broken}")

    assert not shop.engine.repeated
    assert len(shop.statements) == 2
    assert [
        error.path for error in result.errors or () if error.path and "shaky" in error.path
    ] == [
        ["products", 0, "shaky"],
        ["products", 1, "shaky"],
    ]


async def test_an_exception_among_nullable_items_is_located_in_its_place(shop: Shop) -> None:
    result = await shop.execute("{products(first:2){picks{sku}}}")

    assert not shop.engine.repeated
    assert result.data == {
        "products": [
            {"picks": [{"sku": "SKU-1"}, {"sku": "SKU-2"}, {"sku": "SKU-3"}]},
            {"picks": [None, None, {"sku": "SKU-6"}]},
        ]
    }
    assert [error.path for error in result.errors or ()] == [["products", 1, "picks", 1]]


async def test_a_failing_nullable_root_field_is_repeated_alone(shop: Shop) -> None:
    result = await shop.execute("{a:products(first:2){id} product(id:3){id strictBrand{name}}}")

    assert dict(shop.engine.repeated) == {"Product.strictBrand": 1}
    assert sum("limit" in sql for sql in shop.statements) == 1
    assert result.data == {"a": [{"id": "product_1"}, {"id": "product_2"}], "product": None}


async def test_a_fall_back_is_told_once_for_each_coordinate(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "engine.executor")

    for query in ("{products{plain}}", "{p:products{plain}}", "{product(id:3){strictBrand{id}}}"):
        await shop.execute(query)
        await shop.execute(query)

    told = [record.getMessage() for record in caplog.records if record.name == "engine.executor"]
    assert dict(shop.engine.unplanned) == {"Product.plain": 2}
    assert dict(shop.engine.repeated) == {"Product.strictBrand": 2}
    assert [line.split(": ")[1].split()[0] for line in told] == [
        "Product.plain",
        "Product.strictBrand",
    ]


def test_fields_that_can_have_no_plan_are_found(shop: Shop) -> None:
    assert sorted(unplannable(shop.schema._schema)) == ["Product.grid", "Product.plain"]


async def test_an_unavailable_database_is_never_asked_twice(shop: Shop) -> None:
    asked = []

    async def down(sql: str, *_: object) -> Any:
        asked.append(sql)
        raise Fault("too many connections")

    shop.fetch = down
    result = await shop.execute("{products(first:2){id variants{id}} product(id:1){id}}")

    assert (len(asked), dict(shop.engine.repeated)) == (1, {})
    assert result.data is None
    assert [error.formatted for error in result.errors or ()] == [
        {"message": "Try again later.", "extensions": {"code": "UNAVAILABLE"}}
    ]


async def test_what_nobody_expected_is_masked_and_logged_once(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    result = await shop.execute("{products(first:20){shaky}}")

    assert {error.message for error in result.errors or ()} == {
        "Something went wrong. The request id is ."
    }
    assert {str(error.extensions) for error in result.errors or ()} == {"{'code': 'INTERNAL'}"}
    assert [record.getMessage() for record in caplog.records] == ["INTERNAL at products.0.shaky"]
    assert "shelf broken" in caplog.text


async def test_a_failing_payload_is_read_again_but_its_mutation_is_not_run_again(
    shop: Shop,
) -> None:
    result = await shop.execute(
        f"mutation{{a:{ADD % 5} b:cartLineAdd(input:{{variant:6}}){{fragile}} c:{ADD % 8}}}"
    )

    assert result.data == {
        "a": {"lines": [{"quantity": 1}]},
        "b": None,
        "c": {"lines": [{"quantity": 1}] * 3},
    }
    assert dict(shop.engine.repeated) == {"CartPayload.fragile": 1}
    assert len(await shop.fetch("select * from cart_line")) == 3


async def test_a_failing_second_mutation_keeps_the_answer_of_the_first(shop: Shop) -> None:
    many = "cartLineAdd(input:{variant:6,quantity:100}){lines{id}}"

    result = await shop.execute(f"mutation{{a:{ADD % 5} b:{many}}}")

    assert result.data == {"a": {"lines": [{"quantity": 1}]}, "b": None}
    assert not shop.engine.repeated


async def test_a_fault_in_the_second_mutation_keeps_the_answer_of_the_first(shop: Shop) -> None:
    result = await shop.execute(f"mutation{{a:{ADD % 5} b:{ADD % 7} c:{ADD % 8}}}")

    assert result.data == {
        "a": {"lines": [{"quantity": 1}]},
        "b": None,
        "c": {"lines": [{"quantity": 1}] * 2},
    }
    assert [(error.path, error.extensions) for error in result.errors or ()] == [
        (["b"], {"code": "UNAVAILABLE"})
    ]
    assert not shop.engine.repeated


async def test_a_time_out_inside_a_branch_ends_that_branch_only(shop: Shop) -> None:
    real = shop.fetch

    async def slow(sql: str, *arguments: Any) -> Any:
        if "from product" in sql and arguments[0] == [1]:
            try:
                async with asyncio.timeout(0.01):
                    await asyncio.sleep(5)
            except TimeoutError:
                raise ValueError("too slow") from None
        return await real(sql, *arguments)

    shop.fetch = slow
    result = await shop.execute("{product(id:1){id} products(first:1,after:1){id}}")

    assert result.data == {"product": None, "products": [{"id": "product_2"}]}


async def test_a_cancelled_operation_leaves_no_branch_behind(shop: Shop) -> None:
    async def forever(_: str, *__: object) -> Any:
        await asyncio.sleep(60)

    shop.fetch = forever
    task = asyncio.create_task(shop.execute(HOME))
    await asyncio.sleep(0.05)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_many_operations_at_once_do_not_meet(shop: Shop) -> None:
    queries = [HOME, "{products(first:9){id offers{title} picks{id}}}"]
    alone = [(await shop.execute(query)).data for query in queries]

    at_once = await asyncio.gather(*[shop.execute(query) for query in queries * 10])

    assert [result.data for result in at_once] == alone * 10


NAMED = "query ($l: Language, $c: String) @inContext(language: $l, currency: $c)"


@pytest.mark.parametrize(
    ("head", "variables", "told"),
    [
        ('query @inContext(language: EN, country: "CN")', {}, ["country", "language"]),
        (NAMED, {"l": "EN"}, ["language"]),
        (NAMED, {"l": None, "c": "EUR"}, ["currency", "language"]),
        ("query @inContext", {}, []),
        ("query", {}, []),
    ],
)
@pytest.mark.parametrize("is_reference", [False, True])
async def test_in_context_is_told_before_anything_is_read(
    shop: Shop,
    reference: Shop,
    is_reference: bool,
    head: str,
    variables: dict[str, object],
    told: list[str],
) -> None:
    one = reference if is_reference else shop
    context = one.context()

    result = await one.schema.execute(f"{head} {{products{{link}}}}", variables, context)

    assert not result.errors
    assert sorted(context.told) == told
    language = "en" if context.told.get("language") else "zh-Hans"
    assert result.data
    assert result.data["products"][0] == {"link": f"/{language}/p1"}
    assert not one.engine.unplanned


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("query @inContext(language: FR) {told}", "Value 'FR' does not exist"),
        ("query @inContext(planet: 3) {told}", "Unknown argument 'planet'"),
        ("{told @inContext(language: EN)}", "may not be used on field"),
        ("query ($l: String) @inContext(language: $l) {told}", "expecting type 'Language'"),
        ("query ($l: Language) @inContext(language: $l) {told}", "does not exist"),
    ],
)
async def test_a_malformed_in_context_is_refused(shop: Shop, query: str, message: str) -> None:
    result = await shop.execute(query, {"l": "FR"})

    assert result.data is None
    assert message in (result.errors or [])[0].message
