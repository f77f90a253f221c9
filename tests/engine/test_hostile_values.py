"""Values that no honest client sends are refused as input, not met as faults."""

import base64
from typing import Any

import orjson
import pytest

from resolvers.catalog.listings import PRODUCTS
from resolvers.paging import Ask as Asked, Window
from tests.asking import Ask
from tests.factories.accounts import make_user, sign_in

QUERIES = {
    "a moment before the first year": '{ orders(where: {placedFrom: "0001-01-01T00:00:00+14:00"}) { nodes { id } } }',
    "a moment after the last year": '{ orders(where: {placedTo: "9999-12-31T23:59:59-14:00"}) { nodes { id } } }',
    "a gigantic price": '{ products(where: {price: {minimum: "9E9999"}}) { nodes { id } } }',
    "a microscopic price": '{ products(where: {price: {minimum: "1E-9999"}}) { nodes { id } } }',
    "a price beyond 64 bits": '{ products(where: {price: {maximum: "99999999999999999999"}}) { nodes { id } } }',
    "U+0000": '{ product(by: {slug: "a\\u0000b"}) { id } }',
}
PLACES: list[Any] = [
    "2026-01-01T00:00:00",  # without a time zone
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "a\u0000b",
    2**63 - 1,
    2**63,
    True,
    None,
    [],
]


@pytest.fixture
async def staff(ask: Ask, db: Any, tokens: Any) -> Ask:
    async with db.transaction() as session:
        user = await make_user(session, platform=("MANAGE_ORDERS",))
        return ask.as_(await sign_in(session, tokens, user))


def codes(answer: dict[str, Any]) -> set[str]:
    return {each["extensions"]["code"] for each in answer.get("errors", ())}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
async def test_a_hostile_value_is_no_fault(staff: Ask, query: str) -> None:
    answer = await staff.answer(query)

    assert codes(answer) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("place", PLACES, ids=repr)
@pytest.mark.parametrize("sort", ["NEWEST", "PRICE", "NAME", "RATING"])
async def test_a_forged_cursor_is_refused(ask: Ask, sort: str, place: Any) -> None:
    made = "query($after: String) { products(sortBy: {key: %s}, after: $after) { nodes { id } } }"
    fingerprint = fingerprint_of(sort)
    forged = base64.urlsafe_b64encode(orjson.dumps([fingerprint, place, "0" * 32]))

    answer = await ask.answer(made % sort, after=forged.decode().rstrip("="))

    assert codes(answer) <= {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


def fingerprint_of(sort: str) -> str:
    ask = Asked(PRODUCTS, Window(20, None, backwards=False), sort)
    return ask.fingerprint
