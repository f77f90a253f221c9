"""New passwords are judged by how many guesses they take."""

import pytest

from core.db import Database
from models.accounts import User
from tests.accounts.operations import PASSWORD, everything, refused
from tests.asking import Ask
from tests.factors.operations import FACTS, done, operation
from tools.demo import stories

REGISTER = operation("accountRegister", FACTS)
CHANGE = operation("passwordChange", f"user {{ id }} {FACTS}")
WEAK = ["password", "qwerty123", "11111111", "abcdefgh", "Marketfront2026", "iloveyou1"]


@pytest.mark.parametrize("password", [*WEAK, "ann.lee-1", "Annabella1"])
async def test_a_password_that_is_soon_guessed_opens_no_account(
    db: Database, ask: Ask, password: str
) -> None:
    person = {"email": "ann.lee@example.com", "firstName": "Annabella"}

    payload = await done(ask, REGISTER, password=password, **person)

    assert refused(payload) == [("PasswordTooWeak", ["password"])]
    assert payload["userErrors"][0]["suggestions"]
    assert await everything(db) == {}


@pytest.mark.parametrize("password", WEAK)
async def test_a_password_is_not_changed_for_one_that_is_soon_guessed(
    db: Database, ann: User, own: Ask, password: str
) -> None:
    before = await everything(db)

    payload = await done(own, CHANGE, currentPassword=PASSWORD, newPassword=password)

    assert refused(payload) == [("PasswordTooWeak", ["newPassword"])]
    assert await everything(db) == before


async def test_it_tells_what_would_make_it_better(db: Database, ask: Ask) -> None:
    payload = await done(ask, REGISTER, email="ann@example.com", password="password1")

    [refusal] = payload["userErrors"]
    assert refusal["warning"] == "This is a very common password."
    assert refusal["suggestions"] == ["Add another word or two. Uncommon words are better."]
    assert refusal["message"].startswith("The password is easy to guess. This is a very common")


async def test_the_demo_passwords_are_good_enough(db: Database, ask: Ask) -> None:
    for account in stories.accounts():
        person = {"email": f"new-{account['email']}", "password": account["password"]}

        assert (await done(ask, REGISTER, **person))["userErrors"] == []
        await ask.client._transport.app.state.shop.redis.flushdb()  # they come from one address
