"""Asking for an account: the answer is the same whether or not there is one."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from core.clock import now
from core.db import Database, counted
from models.accounts import Proof, User
from models.audit import AuditEntry
from tests.accounts.letters import facts_of, letters, token_of
from tests.accounts.operations import (
    PASSWORD,
    REGISTER,
    confirm,
    everything,
    refused,
    register,
    sign_in,
)
from tests.asking import Ask
from workers.tidying import forget_expired_proofs


async def test_a_letter_with_a_link_is_all_that_comes_of_it(db: Database, ask: Ask) -> None:
    payload = await register(ask, email="  Ann@Example.COM ", firstName=" Ann ", language="zh-Hans")

    assert payload == {"userErrors": []}
    assert await letters(db) == [("REGISTER", "ann@example.com")]
    assert "&ui_locales=zh-Hans" in (await facts_of(db, "REGISTER"))["link"]
    assert refused(await sign_in(ask)) == [("SignInFailed", None)]
    assert (await everything(db)).keys() == {"proofs", "letters"}
    async with db.transaction() as session:
        actions = (await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert actions == ["REGISTRATION_REQUESTED", "SIGN_IN_FAILED"]


async def test_an_address_with_an_account_is_answered_the_same_and_told_by_letter(
    db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(language="zh-Hans"))
    await register(ask, email="warm@example.com")

    with counted() as of_taken:
        taken = await register(ask, email="ANN@example.com", firstName="Somebody else")
    with counted() as of_free:
        free = await register(ask, email="bob@example.com")

    assert taken == free == {"userErrors": []}
    assert of_taken == of_free
    # whether there is an account, the proof, the letter, the audit log
    assert len(of_free) == 4, of_free
    assert (await letters(db))[1:] == [
        ("ALREADY_REGISTERED", "ann@example.com"),
        ("REGISTER", "bob@example.com"),
    ]
    async with db.transaction() as session:
        users = (await session.execute(select(User.email, User.first_name, User.language))).all()
    assert users == [("ann@example.com", "Person", "zh-Hans")]


async def test_it_takes_the_same_work_with_an_account_as_without(
    ann: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[bytes] = []
    real = PasswordHasher.hash

    def counting(hasher: PasswordHasher, password: bytes) -> str:
        hashes.append(password)
        return real(hasher, password)

    monkeypatch.setattr(PasswordHasher, "hash", counting)
    for email in ("ann@example.com", "bob@example.com"):
        hashes.clear()

        await register(ask, email=email)

        assert hashes == [PASSWORD.encode()]


async def test_what_belongs_to_an_account_already_proves_nothing_and_keeps_no_guess(
    db: Database, ann: User, ask: Ask
) -> None:
    await register(ask, password="a guess of her password")
    token = await token_of_already(db)
    before = await everything(db)

    payload = await confirm(ask, token, "a guess of her password")

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before
    async with db.transaction() as session:
        kept = (await session.execute(select(Proof.user_id, Proof.facts))).one()
    assert kept == (ann.id, {"email": "ann@example.com"})


async def token_of_already(db: Database) -> str:
    """What the letter does not show."""
    return await token_of(db, "ALREADY_REGISTERED")


async def test_a_closed_account_is_answered_the_same(db: Database, ann: User, ask: Ask) -> None:
    async with db.transaction() as session:
        await session.execute(update(User).values(is_active=False))

    assert await register(ask) == {"userErrors": []}
    assert await letters(db) == [("ALREADY_REGISTERED", "ann@example.com")]


@pytest.mark.parametrize("email", ["ann@example.com", "bob@example.com"])
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
        ({"password": "{email}"}, "password"),
        ({"firstName": "A" * 101}, "firstName"),
        ({"firstName": "A\nB"}, "firstName"),
        ({"lastName": "A\u0007"}, "lastName"),
        ({"phone": "call me"}, "phone"),
    ],
)
async def test_what_is_no_account_is_refused_and_changes_nothing(
    db: Database, ann: User, ask: Ask, values: dict[str, str], field: str, email: str
) -> None:
    """With and without an account: a refusal tells no more than an answer."""
    before = await everything(db)
    given = {name: value.replace("{email}", email) for name, value in values.items()}

    payload = await register(ask, **{"email": email, **given})

    assert refused(payload) == [("InvalidInput", [field])]
    assert await everything(db) == before


@pytest.mark.parametrize("email", ["ann@example.com", "bob@example.com"])
async def test_after_five_tries_with_an_address_it_is_throttled(
    db: Database, ann: User, ask: Ask, email: str
) -> None:
    given = {"email": email, "password": PASSWORD}

    answers = [await ask.answer(REGISTER, input=given) for _ in range(6)]

    assert ["errors" in answer for answer in answers] == [False] * 5 + [True]
    assert answers[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert len(await letters(db)) == 5


async def test_many_at_once_with_one_address_each_get_a_letter(db: Database, ask: Ask) -> None:
    payloads = await asyncio.gather(*(register(ask, firstName=str(n)) for n in range(5)))

    assert payloads == [{"userErrors": []}] * 5
    assert await letters(db) == [("REGISTER", "ann@example.com")] * 5


async def test_the_link_begins_with_the_address_of_the_settings_not_of_the_request(
    db: Database, client: httpx.AsyncClient, ask: Ask
) -> None:
    body = {
        "query": REGISTER,
        "variables": {"input": {"email": "ann@example.com", "password": PASSWORD}},
    }
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example"}

    answer = await client.post("/graphql", json=body, headers=headers)

    assert answer.json()["data"]["accountRegister"] == {"userErrors": []}
    link = (await facts_of(db, "REGISTER"))["link"]
    assert link.startswith("http://127.0.0.1:8000/account/register?token=")


async def test_only_a_hash_of_the_password_waits_for_the_link(db: Database, ask: Ask) -> None:
    await register(ask)

    async with db.transaction() as session:
        facts = await session.scalar(select(Proof.facts))
    assert facts is not None
    assert facts["password_hash"].startswith("$argon2id$")
    assert PASSWORD not in str(facts)


async def test_who_never_follows_the_link_is_forgotten_after_a_week(db: Database, ask: Ask) -> None:
    await register(ask)
    async with db.transaction() as session:
        ends = await session.scalar(select(Proof.expires_at))
        await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))

    gone = await forget_expired_proofs(db)

    assert ends is not None
    assert timedelta(days=7) - timedelta(minutes=1) < ends - now() < timedelta(days=7)
    assert gone == 1
    assert "proofs" not in await everything(db)
