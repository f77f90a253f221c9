"""The development mailbox: letters that one reads in the browser."""

import re

import httpx

from app import new_app
from core.db import Database
from core.settings import Settings
from integrations.mail import Mailbox, postman
from integrations.mail.mailbox import MAX_LETTERS
from services import mail
from services.mail import Letter
from tests.asking import Ask

LINK = "https://shop.example/account/confirm?token=abc"


async def test_a_letter_can_be_read_in_the_browser(
    db: Database, settings: Settings, client: httpx.AsyncClient
) -> None:
    letter = Letter("VERIFY_EMAIL", "ann@example.com", facts={"link": LINK, "days": 3})
    async with db.transaction() as session:
        await mail.send(session, letter)

    await mail.deliver_due(db, postman(settings))
    listing = await client.get("/mailbox")
    found = re.search(rf'href="(/mailbox/{letter.id.hex})">Confirm your e-mail', listing.text)
    assert found is not None
    shown = await client.get(found[1])

    assert shown.headers["cache-control"] == "no-store"
    assert f'<a href="{LINK}">' in shown.text
    assert "<td>ann@example.com</td>" in listing.text


async def test_what_a_letter_holds_can_not_break_out_of_the_page(
    db: Database, settings: Settings, client: httpx.AsyncClient
) -> None:
    bad = '"><script>alert(1)</script>'
    letter = Letter(
        "VERIFY_EMAIL", "ann@example.com", facts={"link": f"https://x/{bad}", "days": 3}
    )

    await postman(settings).deliver(letter)
    shown = await client.get(f"/mailbox/{letter.id.hex}")

    assert "<script>" not in shown.text


async def test_there_is_nothing_behind_other_addresses(client: httpx.AsyncClient) -> None:
    for path in ("/mailbox/0", "/mailbox/..%2F..%2Fpyproject", f"/mailbox/{'0' * 32}"):
        assert (await client.get(path)).status_code == 404


async def test_the_oldest_letters_make_room(settings: Settings, tmp_path: object) -> None:
    own = settings.model_copy(update={"data_dir": tmp_path})
    carrier = postman(own)

    for n in range(MAX_LETTERS + 5):
        await carrier.deliver(Letter("NO_ACCOUNT", f"person{n}@example.com"))
    kept = await Mailbox(own.data_dir).letters()

    assert len(kept) == MAX_LETTERS
    assert kept[0].recipient == f"person{MAX_LETTERS + 4}@example.com"


async def test_production_has_no_mailbox(settings: Settings) -> None:
    live = settings.model_copy(update={"environment": "production"})
    relayed = Settings(
        _env_file=None, **settings.model_dump() | {"smtp_url": "smtp://mail.example"}
    )

    for each in (live, relayed):
        transport = httpx.ASGITransport(app=new_app(each))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as asking:
            assert (await asking.get("/mailbox")).status_code == 404


async def test_letters_to_an_erased_person_are_not_sent(
    db: Database, ask: Ask, settings: Settings
) -> None:
    async with db.transaction() as session:
        await mail.send(
            session, *(Letter("NO_ACCOUNT", to) for to in ("a@example.com", "b@example.com"))
        )
        await mail.forget_recipient(session, "a@example.com")

    assert await mail.deliver_due(db, postman(settings)) == 1
