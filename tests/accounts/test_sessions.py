"""What a user sees of their sign-ins."""

from uuid import UUID

import pytest

from core.db import Database
from core.identity import Client, client
from core.ids import new_id
from models.accounts import Session, User
from services import accounts
from services.accounts.devices import coarse, device_of
from tests.accounts.operations import REVOKE, refresh, sign_in
from tests.asking import Ask

SESSIONS = "{ me { sessions { id device network methods isCurrent lastUsedAt } } }"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


async def test_each_sign_in_shows_device_network_and_how_it_was_made(
    ann: User, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ask.client.headers, "user-agent", FIREFOX)
    first = await sign_in(ask)
    monkeypatch.setitem(ask.client.headers, "user-agent", "Marketfront/3.1 (iPhone; iOS 19.0)")
    own = ask.as_((await sign_in(ask))["accessToken"])

    seen = (await own(SESSIONS))["me"]["sessions"]
    await refresh(ask, first["refreshToken"])
    moved = (await own(SESSIONS))["me"]["sessions"]

    assert [(each["device"], each["isCurrent"]) for each in seen] == [
        ("Marketfront on iPhone", True),
        ("Firefox on Windows", False),
    ]
    assert {each["network"] for each in seen} == {"127.0.0.0/24"}
    assert [each["methods"] for each in seen] == [["pwd"], ["pwd"]]
    assert [each["device"] for each in moved] == ["Marketfront on iPhone"] * 2
    assert moved[0]["id"] == seen[1]["id"]  # the one used last comes first


async def test_the_list_is_one_statement_however_many_there_are(
    db: Database, ann: User, ask: Ask
) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    few = await own.statements(SESSIONS)
    for _ in range(8):
        await sign_in(ask)

    many = await own.statements(SESSIONS)

    assert len(few) == len(many) == 2  # the user, their sign-ins


async def test_the_newest_one_can_be_ended_from_another_device(ann: User, ask: Ask) -> None:
    own = ask.as_((await sign_in(ask))["accessToken"])
    lost = await sign_in(ask)
    other = next(each for each in (await own(SESSIONS))["me"]["sessions"] if not each["isCurrent"])

    await own(REVOKE, input={"sessionId": other["id"]})

    assert len((await own(SESSIONS))["me"]["sessions"]) == 1
    assert (await refresh(ask, lost["refreshToken"]))["userErrors"]


async def test_a_refresh_token_is_good_for_the_client_it_was_given_to_only(
    db: Database, ann: User, ask: Ask
) -> None:
    mine, other = new_id(), new_id()
    lifetime = ask.client._transport.app.state.settings.refresh_token_lifetime  # type: ignore[attr-defined]

    async def renewed(token: str, client_id: UUID | None) -> accounts.SignIn | None:
        async with db.transaction() as session:
            return await accounts.refresh(
                session, refresh_token=token, lifetime=lifetime, ended=set(), client_id=client_id
            )

    async with db.transaction() as session:
        opened = await accounts.open_session(
            session, user_id=ann.id, lifetime=lifetime, client_id=mine, scopes=("shop", "openid")
        )

    assert await renewed(opened.refresh_token, other) is None
    assert await renewed(opened.refresh_token, None) is None
    assert (await refresh(ask, opened.refresh_token))["userErrors"]  # no token of a first party
    next_one = await renewed(opened.refresh_token, mine)
    assert next_one is not None
    assert (next_one.client_id, next_one.scopes) == (mine, ("shop", "openid"))


async def test_the_exact_address_is_not_kept(db: Database, ann: User, ask: Ask) -> None:
    token = client.set(Client("203.0.113.77", FIREFOX))
    try:
        async with db.transaction() as session:
            opened = await accounts.open_session(session, user_id=ann.id, lifetime=accounts.GRACE)
            kept = await session.get_one(Session, opened.session_id)
    finally:
        client.reset(token)

    assert (kept.address, kept.device) == ("203.0.113.0/24", "Firefox on Windows")
    assert kept.amr == ["pwd"]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("testclient", ""),
        ("", ""),
    ],
)
def test_of_an_address_the_network_is_shown(address: str, network: str) -> None:
    assert coarse(address) == network


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (FIREFOX, "Firefox on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like"
            " Gecko) Version/18.5 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("Mozilla/5.0", ""),
        ("bad\u0007bell/1", ""),
        ("x" * 5_000, "x" * 60),
        ("", ""),
    ],
)
def test_a_device_is_named_as_people_call_it(agent: str, device: str) -> None:
    assert device_of(agent) == device
