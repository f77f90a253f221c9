"""Who may ask for what: decided before anything is read, alike on both executors."""

from typing import Any

import pytest
import strawberry

from engine.access import Auth, unguarded
from engine.declare import column, root
from engine.executor import Engine, build_schema
from tests.engine.conftest import Shop
from tests.engine.example import ANYONE, GUEST

both_executors = pytest.mark.parametrize("is_reference", [False, True])


def codes_of(result: Any) -> list[tuple[str, str]]:
    return [(error.extensions["field"], error.extensions["code"]) for error in result.errors]


@both_executors
@pytest.mark.parametrize(
    ("is_signed_in", "code", "message"),
    [
        (True, "FORBIDDEN", "You may not ask for Product.offers."),
        (False, "UNAUTHENTICATED", "Sign in to ask for Product.offers."),
    ],
)
async def test_a_caller_without_the_permission_is_refused_before_any_row_is_read(
    shop: Shop, reference: Shop, is_reference: bool, is_signed_in: bool, code: str, message: str
) -> None:
    one = reference if is_reference else shop
    query = "{products(first:1){id offers{id}} broken}"

    result = await one.execute(query, grants=GUEST, is_signed_in=is_signed_in)

    assert result.data is None
    assert codes_of(result) == [("Product.offers", code)]
    assert (result.errors or [])[0].message == message
    assert one.statements == []


@both_executors
async def test_each_refused_field_is_named(shop: Shop, reference: Shop, is_reference: bool) -> None:
    one = reference if is_reference else shop
    query = "{products{variants{stock} offers{cost}} invoices{id}}"

    result = await one.execute(query, grants={}, is_signed_in=False)

    assert sorted(field for field, _ in codes_of(result)) == [
        "Offer.cost",
        "Product.offers",
        "Query.invoices",
        "Variant.stock",
    ]


async def test_a_skipped_field_needs_nothing(shop: Shop) -> None:
    query = "query($s:Boolean!){products(first:1){id offers @skip(if:$s){id}}}"

    skipped = await shop.execute(query, {"s": True}, grants={})
    asked = await shop.execute(query, {"s": False}, grants={})

    assert not skipped.errors
    assert codes_of(asked) == [("Product.offers", "FORBIDDEN")]


async def test_the_plan_of_one_caller_does_not_serve_another(shop: Shop) -> None:
    query = "{products(first:6){offers{id cost margin}}}"
    staff = await shop.execute(query)

    guest = await shop.execute(query, grants=GUEST)
    other = await shop.execute(query, grants={"offers:read": {4}, "cost:read": {1, 4}})

    def seen(result: Any) -> list[str]:
        return [offer["id"] for product in result.data["products"] for offer in product["offers"]]

    assert guest.data is None
    assert seen(staff) == ["offer_1", "offer_2", "offer_6", "offer_7", "offer_b", "offer_c"]
    assert seen(other) == ["offer_4", "offer_9"]


@both_executors
async def test_a_field_of_another_owner_is_null_and_not_asked_for(
    shop: Shop, reference: Shop, is_reference: bool
) -> None:
    one = reference if is_reference else shop

    result = await one.execute("{products(first:1){offers{id cost margin}}}")

    assert not result.errors  # the function of `margin` refuses foreign rows
    assert result.data == {
        "products": [
            {
                "offers": [
                    {"id": "offer_1", "cost": 10, "margin": 7},
                    {"id": "offer_2", "cost": None, "margin": None},
                ]
            }
        ]
    }


@both_executors
async def test_refused_types_and_foreign_rows_are_null_among_nodes(
    shop: Shop, reference: Shop, is_reference: bool
) -> None:
    one = reference if is_reference else shop
    query = (
        '{nodes(ids:["offer_3","offer_1","invoice_1","product_1","nothing"])'
        '{id ...on Invoice{total}} node(id:"invoice_1"){id}}'
    )

    anonymous = await one.execute(query, grants=GUEST, is_signed_in=False)
    staff = await one.execute(query)

    product = {"id": "product_1"}
    assert not anonymous.errors
    assert anonymous.data == {"nodes": [None, None, None, product, None], "node": None}
    assert staff.data == {
        "nodes": [None, {"id": "offer_1"}, {"id": "invoice_1", "total": 10}, product, None],
        "node": {"id": "invoice_1"},
    }


@both_executors
async def test_a_rule_below_an_interface_is_only_needed_by_who_sees_its_type(
    shop: Shop, reference: Shop, is_reference: bool
) -> None:
    one = reference if is_reference else shop
    query = '{node(id:"offer_1"){id ...on Offer{cost}}}'

    hidden = await one.execute(query, grants={})
    refused = await one.execute(query, grants={"offers:read": {1}})

    assert (hidden.data, hidden.errors) == ({"node": None}, None)
    assert codes_of(refused) == [("Offer.cost", "FORBIDDEN")]


async def test_rules_hold_when_the_operation_is_repeated(shop: Shop) -> None:
    query = '{nodes(ids:["offer_3","offer_1","product_3"]){id ...on Product{strictBrand{id}}}}'

    result = await shop.execute(query)

    assert shop.engine.repeated.total() == 1
    assert result.data == {"nodes": [None, {"id": "offer_1"}, None]}


async def test_a_subscription_is_refused_before_its_source_is_asked(shop: Shop) -> None:
    refused_context, context = shop.context(is_signed_in=False), shop.context()
    query = "subscription{ticks{number brand{name}}}"

    refused = [r async for r in await shop.schema.subscribe(query, None, refused_context)]
    events = [event async for event in await shop.schema.subscribe(query, None, context)]

    assert [codes_of(result) for result in refused] == [[("Subscription.ticks", "UNAUTHENTICATED")]]
    assert "asked" not in refused_context.told
    assert [event.data for event in events] == [
        {"ticks": {"number": 1, "brand": {"name": "Brand 1"}}},
        {"ticks": {"number": 2, "brand": {"name": "Brand 1"}}},
    ]


async def test_each_event_of_a_subscription_is_checked_and_read_anew(shop: Shop) -> None:
    context = shop.context()
    query = "subscription{ticks(count:3){brand{name}}}"
    events = []

    async for event in await shop.schema.subscribe(query, None, context):
        events.append(event)
        if len(events) == 1:
            await shop.fetch("update brand set name = 'New' where id = 1")
        else:
            context.is_signed_in = False
    await shop.fetch("update brand set name = 'Brand 1' where id = 1")

    assert [event.data for event in events] == [
        {"ticks": {"brand": {"name": "Brand 1"}}},
        {"ticks": {"brand": {"name": "New"}}},
        None,
    ]


def test_the_example_is_guarded_everywhere(shop: Shop) -> None:
    assert unguarded(shop.schema._schema) == []


def test_what_is_unguarded_is_found() -> None:
    @strawberry.type
    class Row:
        id: strawberry.ID = column(strawberry.ID, description="Its id.")

    @strawberry.type(directives=[Auth(requires="rows", of="owner")])
    class Owned:
        name: str = column(str, description="Its name.")

    @strawberry.type
    class Query:
        @root(Owned, auth=ANYONE, description="Could be hidden.")
        async def owned(ctx: Any) -> Any:
            return None

        @strawberry.field(graphql_type=Row | None)
        def row(self) -> Any:
            return None

    schema = build_schema(Engine(), query=Query)

    assert sorted(unguarded(schema._schema)) == ["Query.owned", "Query.row", "Row"]


def test_rules_and_in_context_are_printed_for_clients(shop: Shop) -> None:
    sdl = shop.schema.as_str()

    assert "type Invoice implements Node @auth(requires: SIGNED_IN) {" in sdl
    assert 'cost: Int @auth(requires: COST_READ, of: "merchant_id")' in sdl
    assert "enum Requirement {" in sdl
    assert "directive @inContext(" in sdl
