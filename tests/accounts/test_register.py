"""Opening an account."""

import asyncio

import pytest
from sqlalchemy import func, select

from core.db import Database, counted
from models.accounts import Session, User
from tests.accounts.operations import PASSWORD, REGISTER, everything, refused, register, sign_in
from tests.asking import Ask


async def test_a_new_account_is_signed_in_at_once(ask: Ask) -> None:
    payload = await register(ask, email="  Ann@Example.COM ", firstName=" Ann ", language="zh-Hans")

    assert payload["userErrors"] == []
    assert payload["user"]["email"] == "ann@example.com"
    own = ask.as_(payload["accessToken"])
    me = (await own("{ me { email firstName lastName phone language emailVerified version } }"))[
        "me"
    ]
    assert me == {
        "email": "ann@example.com",
        "firstName": "Ann",
        "lastName": "",
        "phone": None,
        "language": "zh-Hans",
        "emailVerified": False,
        "version": 1,
    }
    assert (await sign_in(ask))["userErrors"] == []


async def test_the_payload_shows_what_belongs_to_the_new_user(ask: Ask) -> None:
    query = """mutation($input: AccountRegisterInput!) { accountRegister(input: $input) {
      user { addresses { id } memberships { isOwner } permissions }
    } }"""

    answer = await ask(query, input={"email": "ann@example.com", "password": PASSWORD})

    assert answer["accountRegister"]["user"] == {
        "addresses": [],
        "memberships": [],
        "permissions": [],
    }


async def test_an_address_with_an_account_is_refused_in_any_capitals_and_changes_nothing(
    db: Database, ask: Ask
) -> None:
    await register(ask)
    before = await everything(db)

    payload = await register(ask, email="ANN@example.com", firstName="Somebody else")

    assert refused(payload) == [("EmailTaken", ["email"])]
    assert await everything(db) == before


async def test_of_many_registrations_at_once_with_one_address_one_wins(
    db: Database, ask: Ask
) -> None:
    payloads = await asyncio.gather(*(register(ask, firstName=str(n)) for n in range(5)))

    lost = [refused(payload) for payload in payloads if payload["userErrors"]]
    assert lost == [[("EmailTaken", ["email"])]] * 4
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(User)) == 1
        assert await session.scalar(select(func.count()).select_from(Session)) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "ann"}, "email"),
        ({"email": "ann@localhost"}, "email"),
        ({"email": "ann@example.com\nbcc: bob@example.com"}, "email"),
        ({"email": "änn@example.com"}, "email"),
        ({"email": "a" * 250 + "@example.com"}, "email"),
        ({"email": "a" * 100_000}, "email"),
        ({"password": "1234567"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "Ann@Example.com"}, "password"),
        ({"firstName": "A" * 101}, "firstName"),
        ({"firstName": "A\nB"}, "firstName"),
        ({"lastName": "A\u0007"}, "lastName"),
        ({"phone": "call me"}, "phone"),
    ],
)
async def test_what_is_no_account_is_refused_and_changes_nothing(
    db: Database, ask: Ask, values: dict[str, str], field: str
) -> None:
    payload = await register(ask, **values)

    assert refused(payload) == [("InvalidInput", [field])]
    assert await everything(db) == {}


async def test_the_shortest_and_the_longest_password_are_good(ask: Ask) -> None:
    for number, password in enumerate(("8 chars!", ("明月几时有，把酒问青天。" * 22)[:256])):
        payload = await register(ask, email=f"ann{number}@example.com", password=password)

        assert payload["userErrors"] == []
        signed_in = await sign_in(ask, email=f"ann{number}@example.com", password=password)
        assert signed_in["userErrors"] == []


async def test_only_a_hash_of_the_password_is_kept(db: Database, ask: Ask) -> None:
    await register(ask)

    async with db.transaction() as session:
        kept = await session.scalar(select(User.password_hash))
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


async def test_an_account_takes_eight_statements(ask: Ask) -> None:
    await register(ask)
    with counted() as seen:
        await ask(REGISTER, input={"email": "bob@example.com", "password": PASSWORD})

    # the user with its event and entry in the audit log, the letter and what its link proves, the
    # sign-in and its refresh token; the payload's user
    assert len(seen) == 8, seen
