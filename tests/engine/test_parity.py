"""Both executors give the same data and the same errors."""

import os
from collections import Counter

import pytest

from tests.engine.conftest import Shop
from tests.engine.parity import assert_same, random_operations

EXAMPLES = int(os.environ.get("EXAMPLES", "300"))
ADD = "cartLineAdd(input:{variant:%s}){lines{id quantity variant{sku}}}"

NASTY = {
    "typename alone": "{__typename a:__typename}",
    "one field under two names": "{a:products(first:2){id} b:products(first:3){id} products{id}}",
    "an error in the middle of a list": "{products{id variants{id rating}}}",
    "an error in a list, again and again": "{products(first:6){variants{r:rating rating sku}}}",
    "a field that fails for all": "{products{id shaky} broken}",
    "exceptions among nullable items": "{products(first:4){id picks{id sku rating}}}",
    "exceptions among items not null": "{products(first:4){id strictPicks{id}} broken}",
    "exceptions among nullable texts": "{products(first:4){notes name}}",
    "an exception in place of a row not null": "{products{variants{strictRating}}}",
    "null in not null below the root": "{products{id strictBrand{name}}}",
    "null in not null below a nullable root": "{product(id:3){id strictBrand{name}} broken}",
    "one nullable root of three": (
        "{a:product(id:3){strictBrand{id}} b:product(id:1){strictBrand{id}} c:product(id:99){id}}"
    ),
    "null in not null two levels down": "{product(id:1){brand{motto} variants{sku}}}",
    "null in not null in a nullable list": "{products{picks{strictRating}}}",
    "null in not null in a list not null": "{product(id:2){strictPicks{strictRating id}}}",
    "null in not null behind an interface": (
        '{nodes(ids:["product_3","product_1"]){id ...on Product{strictBrand{motto}}}}'
    ),
    "null and a fail on the same level": "{products{shaky strictBrand{id} picks{id}} broken}",
    "rows of many types": (
        '{nodes(ids:["product_1","variant_5","x","offer_1","offer_2","offer_3","invoice_2"])'
        "{__typename id ...on Offer{title note tags status cost margin} ...on Invoice{total}}}"
    ),
    "one row of a type": '{node(id:"offer_1"){id} b:node(id:"offer_3"){id} c:node(id:"no"){id}}',
    "a union": "{products{assets{__typename ...on Image{u:url} ...on Video{u:url seconds}}}}",
    "a union by name only": "{products{assets{__typename}}}",
    "a union of which nothing is asked": "{products{assets{...on Image{url}}}}",
    "owners": "{products(first:6){offers{id title note tags status cost margin __typename}}}",
    "nothing found": "{products(first:0){id variants{id} assets{__typename}} nodes(ids:[]){id}}",
    "skipped and included": "{products{id @skip(if:true) name @include(if:false) slug}}",
    "nothing left": "{products @skip(if:true){id}}",
    "fragments in fragments": (
        "fragment F on Product{id variants{...V}} fragment V on Variant{id price{amount}}"
        "{products{...F name variants{sku price{currency}}}}"
    ),
    "fields merged from everywhere": (
        "{products{variants{id} v:variants{sku} ...on Product{variants{price{amount}}}"
        "... @include(if:true){variants{p:price{currency}}}}}"
    ),
    "conflicting aliases": "{products{a:name a:slug}}",
    "conflicting fragments": (
        "{products{...A ...B}} fragment A on Product{x:name} fragment B on Product{x:slug}"
    ),
    "conflicting arguments": "{products{variants{stock stock(reserve:1)}}}",
    "deep aliases": "{a:products{b:variants{c:price{d:amount e:amount} f:price{d:currency}}}}",
    "a value of values": "{products{span{start{amount} s:start{currency} stop{__typename}}}}",
    "a plain resolver": "{products(first:1){id plain}}",
    "a list of lists": "{products(first:1){id grid}}",
    "a bad argument": '{products(first:"x"){id}}',
    "a refused argument": "{products(first:-1){id}}",
    "an unknown field": "{products{idd}}",
    "no selection": "{products}",
    "enums in and out": "{products(statuses:[DRAFT],first:9){id status madeAt}}",
    "mutations one after the other": f"mutation{{a:{ADD % 5} b:{ADD % 6}}}",
    "a mutation that fails": (
        "mutation{a:cartLineAdd(input:{variant:5,quantity:100}){lines{id}}"
        f"b:{ADD % 6} c:cartLineAdd(input:{{variant:5,quantity:0}}){{fragile}}}}"
    ),
    "a payload that fails": (
        f"mutation{{a:{ADD % 5} b:cartLineAdd(input:{{variant:6}}){{fragile lines{{id}}}} c:{ADD % 8}}}"
    ),
    "a row that is missing in a payload": "mutation{cartLineAdd(input:{variant:-5}){lines{variant{sku}}}}",
}


@pytest.mark.parametrize("query", NASTY.values(), ids=NASTY)
async def test_nasty_operations_give_the_same_on_both_executors(
    shop: Shop, reference: Shop, query: str
) -> None:
    await assert_same(shop.afresh, reference.afresh, query)


@pytest.mark.parametrize("skipped", [True, False])
@pytest.mark.parametrize("included", [True, False, None])
async def test_each_value_of_skip_and_include_has_its_own_plan(
    shop: Shop, reference: Shop, skipped: bool, included: bool | None
) -> None:
    query = """query($s: Boolean!, $i: Boolean = true, $n: Int) {
        products(first: $n) {id ...@include(if: $i) {name} variants @skip(if: $s) {id stock}}
    }"""
    variables = {"s": skipped, "n": 2} | ({} if included is None else {"i": included})

    await assert_same(shop.afresh, reference.afresh, query, variables)
    await assert_same(shop.afresh, reference.afresh, query, {"s": not skipped, "n": 3})


@pytest.mark.parametrize(
    "variables",
    [
        {"input": {"variant": 5}},
        {"input": {"variant": 5, "quantity": 100}},
        {"input": {"variant": "x"}},
        {"input": {"variant": None}},
        {"input": {"variant": 5, "colour": "red"}},
        {"input": 5},
        {},
    ],
)
async def test_inputs_from_variables_are_read_alike(
    shop: Shop, reference: Shop, variables: dict[str, object]
) -> None:
    query = "mutation($input: CartLineInput!) {cartLineAdd(input: $input) {lines{quantity}}}"

    await assert_same(shop.afresh, reference.afresh, query, variables)


async def test_random_operations_give_the_same_on_both_executors(
    shop: Shop, reference: Shop
) -> None:
    seen: Counter[str] = Counter()

    for query in random_operations(shop.schema.as_str(), EXAMPLES):
        result = await assert_same(shop.afresh, reference.afresh, query)
        seen["without data"] += result.data is None
        seen["with errors"] += bool(result.errors)
        seen["with rows"] += "[{" in str(result.data)

    assert min(seen["with errors"], seen["with rows"]) > EXAMPLES // 50, seen
