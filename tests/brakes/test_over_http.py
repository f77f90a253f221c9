"""Brakes as clients meet them."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.brakes import ORDER_LOOKUP, REGISTER, RESET, SIGN_IN, TOKEN, Brakes, Rule, Throttled
from auth.passwords import hashed
from core.db import Database, counted
from endpoints import throttled
from tests.asking import Ask
from tests.factories.accounts import make_user
from tests.factories.shops import make_stall
from tests.shopping import place

LOOK_UP = """mutation($number: String!, $proof: String!) {
    orderAccessGrant(input: {number: $number, proof: $proof}) {
        order { id } userErrors { __typename } } }"""
SIGN_IN_AS = """mutation($email: String!, $password: String!) {
    tokenCreate(input: {email: $email, password: $password}) {
        accessToken userErrors { __typename } } }"""
RESET_FOR = """mutation($email: String!) {
    passwordResetRequest(input: {email: $email}) { userErrors { __typename } } }"""
REGISTER_AS = """mutation($email: String!) {
    accountRegister(input: {email: $email, password: "correct horse battery"}) {
        userErrors { __typename } } }"""
REFRESH = """mutation { tokenRefresh(input: {refreshToken: "guess"}) {
    accessToken userErrors { __typename } } }"""


async def post(client: httpx.AsyncClient, query: str, **variables: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, "variables": variables})


async def test_guessing_an_orders_proof_is_slowed_down(
    ask: Ask, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    _, group = await place(ask, stall)
    number = group["orders"][0]["number"]

    for n in range(ORDER_LOOKUP.pair.most):
        answer = await post(client, LOOK_UP, number=number, proof=f"guess{n}@example.com")
        assert answer.json()["data"]["orderAccessGrant"]["order"] is None
    with counted() as seen:
        refused = await post(client, LOOK_UP, number=number, proof="ada@example.com")

    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "THROTTLED"
    assert 0 < error["extensions"]["retryAfter"] <= ORDER_LOOKUP.pair.seconds
    assert refused.headers["retry-after"] == str(error["extensions"]["retryAfter"])
    assert refused.json()["data"] == {"orderAccessGrant": None}
    assert seen == []  # even the right proof is not looked at


async def test_who_knows_the_proof_may_look_again_and_again(
    ask: Ask, client: httpx.AsyncClient, db: Database
) -> None:
    async with db.transaction() as session:
        stall = await make_stall(session)
    _, group = await place(ask, stall)
    number = group["orders"][0]["number"]

    for _ in range(ORDER_LOOKUP.address.most + 1):
        answer = await post(client, LOOK_UP, number=number, proof="ada@example.com")
        assert answer.json()["data"]["orderAccessGrant"]["order"]


async def test_guessing_a_password_is_slowed_down_alike_for_everybody(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    answers = [
        (await post(client, SIGN_IN_AS, email="nobody@example.com", password=f"guess {n}")).json()
        for n in range(SIGN_IN.pair.most + 1)
    ]

    assert {
        each["data"]["tokenCreate"]["userErrors"][0]["__typename"] for each in answers[:-1]
    } == {"SignInFailed"}
    assert answers[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"


def spellings(domain: str) -> Iterator[str]:
    """Of one domain: any letter may be a wide one, of which IDNA makes a usual one."""
    wide = {letter: chr(ord(letter) + 0xFEE0) for letter in domain if letter.isalpha()}
    for letters in itertools.product((str, wide.get), repeat=domain.index(".")):
        name = "".join(way(letter) for way, letter in zip(letters, domain, strict=False))
        yield name + domain[len(name) :]


async def test_an_address_is_one_account_however_it_is_spelled(
    ask: Ask, client: httpx.AsyncClient
) -> None:
    domains = spellings("example.com")

    answers = [
        (await post(client, SIGN_IN_AS, email=f"ann@{next(domains)}", password="a guess")).json()
        for _ in range(SIGN_IN.pair.most + 1)
    ]
    letters = [
        (await post(client, RESET_FOR, email=f"bob@{next(domains)}")).json()
        for _ in range(RESET.pair.most + 1)
    ]

    for refused in (answers, letters):
        assert all("errors" not in each for each in refused[:-1])
        assert refused[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"


@pytest.mark.parametrize(("rule", "query"), [(REGISTER, REGISTER_AS), (RESET, RESET_FOR)])
async def test_the_brake_does_not_tell_that_an_account_is_entered_from_next_door(
    app: Starlette, ask: Ask, client: httpx.AsyncClient, db: Database, rule: Rule, query: str
) -> None:
    """Whoever shares an address with somebody could learn that they have an account here."""
    kept, sign_in = await hashed("a password"), {"password": "a password"}
    async with db.transaction() as session:
        await make_user(session, email="ann@example.com", password_hash=kept)
    entered = (await post(client, SIGN_IN_AS, email="ann@example.com", **sign_in)).json()

    answers = []
    for email in ("ann@example.com", "bob@example.com"):
        for n in range(rule.account.most):
            whence = httpx.ASGITransport(app=app, client=(f"198.51.100.{n // rule.pair.most}", 1))
            async with httpx.AsyncClient(transport=whence, base_url="http://shop.test") as crowd:
                await post(crowd, query, email=email)
        answers.append((await post(client, query, email=email)).json())

    assert entered["data"]["tokenCreate"]["userErrors"] == []
    codes = [answer["errors"][0]["extensions"]["code"] for answer in answers]
    assert codes == ["THROTTLED"] * 2


async def test_guessing_refresh_tokens_is_slowed_down(ask: Ask, client: httpx.AsyncClient) -> None:
    answers = [await post(client, REFRESH) for _ in range(TOKEN.address.most + 1)]

    assert answers[-2].json()["data"]["tokenRefresh"]["accessToken"] is None
    assert answers[-1].json()["errors"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_route_answers_429_with_the_time_to_wait(app: Starlette, clean: None) -> None:
    async def guess(request: Request) -> Response:
        brakes: Brakes = app.state.shop.brakes
        await brakes.check(SIGN_IN, "ann@example.com")
        return Response()

    small = Starlette(
        routes=[Route("/guess", guess)],
        exception_handlers={Throttled: throttled.response},
    )
    transport = httpx.ASGITransport(app=small)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        answers = [await client.get("/guess") for _ in range(SIGN_IN.pair.most + 1)]

    assert [each.status_code for each in answers] == [200] * SIGN_IN.pair.most + [429]
    facts = answers[-1].json()["errors"][0]["extensions"]
    assert answers[-1].headers["retry-after"] == str(facts["retryAfter"])
