"""Another e-mail address for an account."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from core.clock import now
from core.db import Database, counted
from models.accounts import Proof, Session, User
from models.factors import Passkey
from tests.accounts.letters import facts_of, letters, token_of
from tests.accounts.operations import (
    ME,
    PASSWORD,
    REFUSALS,
    RESET,
    everything,
    refresh,
    refused,
    sign_in,
)
from tests.asking import Ask
from tests.factories.accounts import make_passkey, make_user

REQUEST = f"""mutation($input: EmailChangeRequestInput!) {{
  emailChangeRequest(input: $input) {{ user {{ email }} {REFUSALS} }} }}"""
CONFIRM = f"""mutation($input: EmailChangeConfirmInput!) {{
  emailChangeConfirm(input: $input) {{ {REFUSALS} }} }}"""
UNDO = f"mutation($input: LinkInput!) {{ emailChangeUndo(input: $input) {{ {REFUSALS} }} }}"
NEW = "ann@new.example.org"


async def request(own: Ask, **values: object) -> dict[str, object]:
    given = {"email": NEW, "password": PASSWORD} | values
    return (await own(REQUEST, input=given))["emailChangeRequest"]


async def confirm(ask: Ask, token: str, password: str | None = PASSWORD) -> dict[str, Any]:
    answer = await ask(CONFIRM, input={"token": token, "password": password})
    payload: dict[str, Any] = answer["emailChangeConfirm"]
    return payload


async def show_to_be_hers(db: Database) -> None:
    """Ann's address was confirmed a while ago."""
    async with db.transaction() as session:
        await session.execute(update(User).values(email_verified_at=now() - timedelta(days=30)))


async def undo(ask: Ask, token: str) -> dict[str, object]:
    return (await ask(UNDO, input={"token": token}))["emailChangeUndo"]


async def addresses(db: Database) -> list[tuple[str, bool]]:
    async with db.transaction() as session:
        rows = (await session.execute(select(User.email, User.email_verified_at))).all()
    return [(row.email, row.email_verified_at is not None) for row in rows]


async def test_the_new_address_counts_once_its_link_was_followed(
    db: Database, ann: User, ask: Ask
) -> None:
    tokens = await sign_in(ask)

    payload = await request(ask.as_(tokens["accessToken"]))
    before = await addresses(db)
    confirmed = await confirm(ask, await token_of(db, "CHANGE_EMAIL"))

    assert payload == {"user": {"email": "ann@example.com"}, "userErrors": []}
    assert before == [("ann@example.com", False)]
    assert confirmed == {"userErrors": []}
    assert await addresses(db) == [(NEW, True)]
    assert await letters(db) == [("CHANGE_EMAIL", NEW), ("EMAIL_CHANGED", "ann@example.com")]
    answer = await ask.as_(tokens["accessToken"]).answer(ME)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert refused(await refresh(ask, tokens["refreshToken"]))
    assert refused(await sign_in(ask)) == [("SignInFailed", None)]
    assert (await sign_in(ask, email=NEW))["userErrors"] == []


async def test_the_old_address_can_take_the_account_back(db: Database, ann: User, ask: Ask) -> None:
    await show_to_be_hers(db)
    own = ask.as_((await sign_in(ask))["accessToken"])
    await request(own)
    await confirm(ask, await token_of(db, "CHANGE_EMAIL"))
    thief = await sign_in(ask, email=NEW)

    assert await undo(ask, await token_of(db, "EMAIL_CHANGED")) == {"userErrors": []}

    assert await addresses(db) == [("ann@example.com", True)]
    assert refused(await refresh(ask, thief["refreshToken"]))
    for email in (NEW, "ann@example.com"):
        assert refused(await sign_in(ask, email=email))  # the thief knows that password
    token = await token_of(db, "EMAIL_CHANGE_UNDONE")
    await ask(RESET, input={"token": token, "newPassword": "quite another staple"})
    assert (await sign_in(ask, password="quite another staple"))["userErrors"] == []


async def test_an_address_that_was_never_confirmed_is_told_but_can_take_nothing(
    db: Database, ann: User, ask: Ask
) -> None:
    """A stranger's, perhaps: whoever opened the account may have mistyped theirs."""
    await request(ask.as_((await sign_in(ask))["accessToken"]))

    await confirm(ask, await token_of(db, "CHANGE_EMAIL"))

    assert await letters(db) == [("CHANGE_EMAIL", NEW), ("EMAIL_CHANGED", "ann@example.com")]
    assert await facts_of(db, "EMAIL_CHANGED") == {"link": ""}
    async with db.transaction() as session:
        assert (await session.scalars(select(Proof.purpose))).all() == []


async def test_taking_it_back_makes_the_links_of_later_addresses_worthless(
    db: Database, ann: User, ask: Ask
) -> None:
    await show_to_be_hers(db)
    for email in (NEW, "third@example.org"):
        tokens = await sign_in(ask, email="ann@example.com" if email == NEW else NEW)
        await request(ask.as_(tokens["accessToken"]), email=email)
        await confirm(ask, await token_of(db, "CHANGE_EMAIL"))
        if email == NEW:
            owners = await token_of(db, "EMAIL_CHANGED")
    thiefs = await token_of(db, "EMAIL_CHANGED")

    assert await undo(ask, owners) == {"userErrors": []}

    assert refused(await undo(ask, thiefs)) == [("LinkInvalid", ["token"])]
    assert await addresses(db) == [("ann@example.com", True)]


async def test_an_address_with_an_account_is_answered_the_same_and_told_by_letter(
    db: Database, ann: User, ask: Ask
) -> None:
    async with db.transaction() as session:
        await make_user(session, email="bob@example.com")
    own = ask.as_((await sign_in(ask))["accessToken"])
    await request(own, email="warm@example.com")

    with counted() as of_taken:
        taken = await request(own, email="bob@example.com")
    with counted() as of_free:
        free = await request(own)

    assert taken == free == {"user": {"email": "ann@example.com"}, "userErrors": []}
    assert of_taken == of_free
    assert (await letters(db))[1:] == [("ACCOUNT_EXISTS", "bob@example.com"), ("CHANGE_EMAIL", NEW)]


async def test_an_address_that_somebody_took_in_the_meantime_is_refused_and_changes_nothing(
    db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    await request(own)
    async with db.transaction() as session:
        await make_user(session, email=NEW)
    before = await everything(db)

    payload = await confirm(own, await token_of(db, "CHANGE_EMAIL"), None)

    assert refused(payload) == [("EmailTaken", ["token"])]
    assert await everything(db) == before


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"email": "ann"}, ("InvalidInput", ["email"])),
        ({"email": "ANN@example.com"}, ("InvalidInput", ["email"])),
        ({"password": "wrong horse battery"}, ("WrongPassword", ["password"])),
        ({"password": ""}, ("WrongPassword", ["password"])),
    ],
)
async def test_a_refused_request_changes_nothing(
    db: Database, ann: User, ask: Ask, values: dict[str, str], refusal: tuple[str, list[str]]
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    before = await everything(db)

    assert refused(await request(own, **values)) == [refusal]
    assert await everything(db) == before


async def test_without_a_password_only_a_fresh_sign_in_will_do(
    db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    fresh = await request(own, password=None)
    async with db.transaction() as session:
        await session.execute(update(Session).values(auth_time=now() - timedelta(hours=1)))
    before = await everything(db)

    stale = await request(own, password=None)

    assert fresh["userErrors"] == []
    assert refused(stale) == [("RecentSignInRequired", None)]
    assert await everything(db) == before


async def test_a_wrong_password_can_be_guessed_ten_times(db: Database, ann: User, ask: Ask) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    given = {"email": NEW, "password": "wrong horse battery"}

    answers = [await own.answer(REQUEST, input=given) for _ in range(11)]

    assert "errors" not in answers[8]
    assert answers[10]["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert await letters(db) == []


async def test_old_links_are_worthless_after_the_change(db: Database, ann: User, ask: Ask) -> None:
    await show_to_be_hers(db)
    own = ask.as_((await sign_in(ask))["accessToken"])
    await request(own, email="second@example.org")
    second = await token_of(db, "CHANGE_EMAIL")
    await request(own)
    token = await token_of(db, "CHANGE_EMAIL")
    await confirm(ask, token)
    before = await everything(db)

    for old in (second, token):
        assert refused(await confirm(ask, old)) == [("LinkInvalid", ["token"])]
    assert await everything(db) == before
    async with db.transaction() as session:
        purposes = (await session.scalars(select(Proof.purpose))).all()
    assert purposes == ["UNDO_EMAIL_CHANGE"]


async def test_taking_it_back_removes_the_ways_in_that_a_thief_may_have_added(
    db: Database, ann: User, ask: Ask
) -> None:
    await show_to_be_hers(db)
    await request(ask.as_((await sign_in(ask))["accessToken"]))
    await confirm(ask, await token_of(db, "CHANGE_EMAIL"))
    async with db.transaction() as session:
        session.add(make_passkey(ann, name="the thief's"))
        session.add(make_passkey(ann, name="hers", created_at=now() - timedelta(days=30)))

    await undo(ask, await token_of(db, "EMAIL_CHANGED"))

    async with db.transaction() as session:
        assert (await session.scalars(select(Passkey.name))).all() == ["hers"]
