"""What a person may not say of themselves is no part of the inputs that anybody may send."""

from typing import Any

import pytest

from core.db import Database
from models.accounts import User
from tests.accounts.operations import PASSWORD, REFUSALS, everything, sign_in
from tests.accounts.test_address_book import HOME
from tests.asking import Ask

OWN: dict[str, dict[str, Any]] = {
    "accountRegister": {"email": "eve@example.com", "password": PASSWORD},
    "accountUpdate": {"firstName": "Eve"},
    "addressUpsert": {"address": HOME},
}
OTHERS: dict[str, Any] = {
    "userId": "user_00000000000000000000000000000000",
    "permissions": ["MANAGE_MERCHANTS"],
    "platformPermissions": ["MANAGE_MERCHANTS"],
    "platform_permissions": ["MANAGE_MERCHANTS"],
    "emailVerified": True,
    "emailVerifiedAt": "2020-01-01T00:00:00Z",
    "passwordHash": "$argon2id$",
    "isActive": True,
    "version": 7,
}


@pytest.mark.parametrize("field", OTHERS)
@pytest.mark.parametrize("mutation", OWN)
async def test_an_input_takes_nothing_that_is_not_the_callers_to_say(
    mutation: str, field: str, db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {REFUSALS} }} }}"
    before = await everything(db)

    answer = await own.answer(query, input={**OWN[mutation], field: OTHERS[field]})

    message = answer["errors"][0]["message"]
    assert f"'{kind}' not to include unknown field '{field}'" in message
    assert PASSWORD not in repr(answer)  # programs write errors to their logs
    assert await everything(db) == before


@pytest.mark.parametrize("mutation", OWN)
async def test_the_same_inputs_without_it_are_good(mutation: str, ann: User, ask: Ask) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    kind = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {REFUSALS} }} }}"

    answer = await own(query, input=OWN[mutation])

    assert answer[mutation]["userErrors"] == []
