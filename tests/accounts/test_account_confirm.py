"""Opening the account that was asked for: by its letter's link and the password together."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, update
from starlette.applications import Starlette

from auth.brakes import RESET
from core.clock import now
from core.db import Database, counted
from core.identity import Client, client as whence
from models.accounts import Proof, Session, User
from models.audit import AuditEntry
from services import accounts
from tests.accounts.letters import letters, token_of
from tests.accounts.operations import (
    CONFIRM,
    PASSWORD,
    confirm,
    everything,
    open_account,
    refused,
    register,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_user

ATTACKERS = "the attacker's own words"


async def accounts_and_sign_ins(db: Database) -> tuple[int, int]:
    async with db.transaction() as session:
        users = await session.scalar(select(func.count()).select_from(User))
        return users or 0, await session.scalar(select(func.count()).select_from(Session)) or 0


async def test_a_new_account_is_confirmed_and_signed_in(db: Database, ask: Ask) -> None:
    payload = await open_account(
        db,
        ask,
        email="Ann@Example.com",
        firstName=" Ann ",
        phone="+1 217 555 4321",
        language="zh-Hans",
    )

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
        "phone": "+12175554321",
        "language": "zh-Hans",
        "emailVerified": True,
        "version": 1,
    }
    assert (await sign_in(ask))["userErrors"] == []
    assert await letters(db) == [("REGISTER", "ann@example.com")]


async def test_the_payload_shows_what_belongs_to_the_new_user(db: Database, ask: Ask) -> None:
    query = """mutation($input: AccountConfirmInput!) { accountConfirm(input: $input) {
      user { addresses { id } memberships { isOwner } permissions }
    } }"""
    await register(ask)
    token = await token_of(db, "REGISTER")

    answer = await ask(query, input={"token": token, "password": PASSWORD})

    assert answer["accountConfirm"]["user"] == {
        "addresses": [],
        "memberships": [],
        "permissions": [],
    }


async def test_the_shortest_and_the_longest_password_are_good(db: Database, ask: Ask) -> None:
    for number, password in enumerate(("8 chars!", ("明月几时有，把酒问青天。" * 22)[:256])):
        email = f"ann{number}@example.com"

        payload = await open_account(db, ask, email=email, password=password)

        assert payload["userErrors"] == []
        assert (await sign_in(ask, email=email, password=password))["userErrors"] == []


async def test_wrong_passwords_and_the_sign_in_are_on_record(db: Database, ask: Ask) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")

    await confirm(ask, token, "wrong horse battery")
    await confirm(ask, token)

    columns = select(AuditEntry.action, AuditEntry.actor_kind, AuditEntry.after)
    async with db.transaction() as session:
        user_id = await session.scalar(select(User.id))
        about = columns.where(AuditEntry.object_id == user_id).order_by(AuditEntry.id)
        entries = (await session.execute(about)).all()
    assert entries == [
        ("REGISTRATION_REQUESTED", "ANONYMOUS", None),
        ("PASSWORD_CHECK_FAILED", "ANONYMOUS", None),
        ("USER_REGISTERED", "ANONYMOUS", None),
        ("SIGNED_IN", "USER", {"methods": ["pwd"]}),
    ]


async def test_an_account_for_somebody_elses_address_gains_nothing(db: Database, ask: Ask) -> None:
    """Its owner follows the link, and does not know the attacker's password; nor the other way."""
    await register(ask, password=ATTACKERS)
    token = await token_of(db, "REGISTER")

    payload = await confirm(ask, token, PASSWORD)

    assert refused(payload) == [("WrongPassword", ["password"])]
    assert await accounts_and_sign_ins(db) == (0, 0)
    assert refused(await sign_in(ask, password=ATTACKERS)) == [("SignInFailed", None)]


async def test_the_owners_own_registration_takes_no_harm_from_an_attackers(
    db: Database, ask: Ask
) -> None:
    await register(ask, password=ATTACKERS, firstName="Mallory")
    attackers = await token_of(db, "REGISTER")
    payload = await open_account(db, ask, firstName="Ann")
    before = await everything(db)

    late = await confirm(ask, attackers, ATTACKERS)

    assert payload["userErrors"] == []
    assert refused(late) == [("EmailTaken", ["token"])]
    after = await everything(db)
    assert {name for name in before if before[name] != after[name]} == {"proofs"}  # its tries
    assert refused(await sign_in(ask, password=ATTACKERS)) == [("SignInFailed", None)]
    assert (await sign_in(ask))["userErrors"] == []


async def test_a_wrong_password_makes_nothing_and_leaves_the_link_good(
    db: Database, ask: Ask
) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")

    payloads = [await confirm(ask, token, wrong) for wrong in ("", "wrong horse", "x" * 10_000)]

    assert [refused(payload) for payload in payloads] == [[("WrongPassword", ["password"])]] * 3
    assert await accounts_and_sign_ins(db) == (0, 0)
    assert (await confirm(ask, token))["userErrors"] == []


async def test_a_password_that_nobody_can_have_chosen_costs_no_work(
    db: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")
    monkeypatch.delattr(PasswordHasher, "verify")

    payload = await confirm(ask, token, "x" * 257)

    assert refused(payload) == [("WrongPassword", ["password"])]
    assert await accounts_and_sign_ins(db) == (0, 0)


async def test_after_five_wrong_passwords_the_right_one_opens_nothing(
    db: Database, ask: Ask
) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")
    wrong = [await confirm(ask, token, f"wrong horse {n}") for n in range(5)]
    before = await everything(db)

    payload = await confirm(ask, token)

    assert [refused(each) for each in wrong] == [[("WrongPassword", ["password"])]] * 5
    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before
    assert await accounts_and_sign_ins(db) == (0, 0)


async def test_guesses_at_once_are_no_more_than_five(
    db: Database, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")
    tried: list[bytes] = []
    real = PasswordHasher.verify

    def counting(hasher: PasswordHasher, kept: str, password: bytes) -> bool:
        tried.append(password)
        return real(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    payloads = await asyncio.gather(*(confirm(ask, token, f"wrong horse {n}") for n in range(15)))

    assert len(tried) == 5
    outcomes = sorted(payload["userErrors"][0]["code"] for payload in payloads)
    assert outcomes == ["LINK_INVALID"] * 10 + ["WRONG_PASSWORD"] * 5


async def test_guesses_have_a_brake_whatever_the_link(db: Database, ask: Ask) -> None:
    given = {"token": "x" * 43, "password": PASSWORD}

    answers = [await ask.answer(CONFIRM, input=given) for _ in range(21)]

    assert ["errors" in answer for answer in answers] == [False] * 20 + [True]
    assert answers[-1]["errors"][0]["extensions"]["code"] == "THROTTLED"


async def test_a_whole_school_opens_accounts_from_one_address(
    app: Starlette, db: Database, ask: Ask
) -> None:
    whence.set(Client("127.0.0.1"))
    for _ in range(RESET.address.most - 1):
        await app.state.shop.brakes.check(RESET)

    payloads = [await open_account(db, ask, email=f"pupil{n}@example.com") for n in range(3)]

    assert [payload["userErrors"] for payload in payloads] == [[]] * 3
    assert await accounts_and_sign_ins(db) == (3, 3)


@pytest.mark.parametrize("token", ["", "x", "x" * 43, "x" * 5_000, "\u0007"])
async def test_an_unknown_link_is_refused_and_changes_nothing(
    db: Database, ask: Ask, token: str
) -> None:
    await register(ask)
    before = await everything(db)

    payload = await confirm(ask, token)

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


async def test_a_link_is_good_once(db: Database, ask: Ask) -> None:
    await open_account(db, ask)
    before = await everything(db)

    payload = await confirm(ask, await token_of(db, "REGISTER"))

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


async def test_a_link_that_is_too_old_is_refused(db: Database, ask: Ask) -> None:
    await register(ask)
    async with db.transaction() as session:
        await session.execute(update(Proof).values(expires_at=now() - timedelta(seconds=1)))
    before = await everything(db)

    payload = await confirm(ask, await token_of(db, "REGISTER"))

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before


@pytest.mark.parametrize("purpose", ["VERIFY_EMAIL", "RESET_PASSWORD", "CHANGE_EMAIL"])
async def test_a_link_for_another_thing_opens_no_account(
    db: Database, ask: Ask, purpose: str
) -> None:
    await register(ask)
    async with db.transaction() as session:
        facts = await session.scalar(select(Proof.facts))
        token = await accounts.proofs.create(
            session, purpose=purpose, facts=facts, lifetime=timedelta(minutes=1)
        )

    payload = await confirm(ask, token)

    assert refused(payload) == [("LinkInvalid", ["token"])]
    assert await accounts_and_sign_ins(db) == (0, 0)


async def test_an_address_that_somebody_took_in_the_meantime_is_refused(
    db: Database, ask: Ask
) -> None:
    await register(ask)
    async with db.transaction() as session:
        await make_user(session, email="ann@example.com")

    payload = await confirm(ask, await token_of(db, "REGISTER"))

    assert refused(payload) == [("EmailTaken", ["token"])]
    assert await accounts_and_sign_ins(db) == (1, 0)


async def test_of_five_at_once_with_one_link_one_gets_an_account(db: Database, ask: Ask) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")

    payloads = await asyncio.gather(*(confirm(ask, token) for _ in range(5)))

    lost = [refused(payload) for payload in payloads if payload["userErrors"]]
    assert lost == [[("LinkInvalid", ["token"])]] * 4
    assert await accounts_and_sign_ins(db) == (1, 1)


async def test_of_five_links_to_one_address_at_once_one_makes_an_account(
    db: Database, ask: Ask
) -> None:
    found: list[str] = []
    for _ in range(5):
        await register(ask)
        found.append(await token_of(db, "REGISTER"))

    payloads = await asyncio.gather(*(confirm(ask, token) for token in found))

    lost = [refused(payload) for payload in payloads if payload["userErrors"]]
    assert lost == [[("EmailTaken", ["token"])]] * 4
    assert await accounts_and_sign_ins(db) == (1, 1)


async def test_erasing_the_person_forgets_every_link_to_register(db: Database, ask: Ask) -> None:
    await register(ask, email="bob@example.com")
    for _ in range(2):
        await register(ask)
    payload = await open_account(db, ask)
    await register(ask)
    async with db.transaction() as session:
        user_id = await session.scalar(select(User.id))
        asked = select(AuditEntry.details_id, AuditEntry.object_id).where(
            AuditEntry.action == "REGISTRATION_REQUESTED", AuditEntry.object_id == user_id
        )
        entries = (await session.execute(asked)).all()

    async with db.transaction() as session:
        assert user_id is not None
        await accounts.erase_person(session, user_id=user_id, email="ann@example.com")

    assert payload["userErrors"] == []
    assert len(entries) == 2  # the one that was followed, and the one that met an account
    async with db.transaction() as session:
        left = (await session.scalars(select(Proof.facts["email"].as_string()))).all()
    assert left == ["bob@example.com"]


async def test_an_account_takes_nine_statements(db: Database, ask: Ask) -> None:
    await register(ask)
    token = await token_of(db, "REGISTER")
    values: dict[str, Any] = {"token": token, "password": PASSWORD}

    with counted() as seen:
        await ask(CONFIRM, input=values)

    # a try of the link; the link, the user with its event and entry in the audit log, the sign-in
    # with its refresh token and entry; the payload's user
    assert len(seen) == 9, seen
