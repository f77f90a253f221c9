"""The first people and the first merchant of an empty shop."""

import re
from argparse import Namespace

import pytest

from core.db import Database
from core.settings import Settings
from tests.asking import Ask
from tools.open_shop import main

SIGN_IN = "mutation($i: TokenCreateInput!) { tokenCreate(input: $i) { accessToken } }"
ME = "{ me { permissions memberships { isOwner merchant { slug status } } } }"
WAREHOUSES = "{ warehouses(first: 5) { nodes { code } } }"


async def test_an_empty_shop_gets_an_operator_and_a_merchant_with_all_it_needs_to_sell(
    db: Database, ask: Ask, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Namespace(
        operator="boss@example.com",
        merchant="first-stall",
        name="First Stall",
        owner="owner@example.com",
        delivery="5.90",
    )

    await main(settings, told)

    passwords = dict(re.findall(r"^(\S+@\S+)  (\S+)$", capsys.readouterr().out, re.MULTILINE))
    assert {*passwords} == {"boss@example.com", "owner@example.com"}
    people = {}
    for email, password in passwords.items():
        token = await ask(SIGN_IN, i={"email": email, "password": password})
        people[email] = ask.as_(token["tokenCreate"]["accessToken"])
    boss = (await people["boss@example.com"](ME))["me"]
    owner = (await people["owner@example.com"](ME))["me"]
    assert "MANAGE_TAXONOMY" in boss["permissions"]
    assert owner["memberships"] == [
        {"isOwner": True, "merchant": {"slug": "first-stall", "status": "ACTIVE"}}
    ]
    assert (await people["owner@example.com"](WAREHOUSES))["warehouses"]["nodes"] == [
        {"code": "MAIN"}
    ]
