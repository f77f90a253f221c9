"""Letters reach a real SMTP server: once, after failures too, and nobody reads of it in a log."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.clock import now
from core.db import Database
from core.settings import Settings
from integrations.mail import postman
from models.mail import QueuedLetter
from services import mail
from services.mail import Letter, Postman
from tests.mail.conftest import sent_by
from tests.mail.relay import Relay

ADDRESS = "ann.of.many@example.com"
LETTER = Letter("PASSWORD_CHANGED", ADDRESS)


async def queue(db: Database, *letters: Letter) -> None:
    async with db.transaction() as session:
        await mail.send(session, *letters)


async def waiting(db: Database) -> int:
    async with db.transaction() as session:
        return await session.scalar(select(func.count()).select_from(QueuedLetter)) or 0


async def make_due(db: Database) -> None:
    async with db.transaction() as session:
        await session.execute(update(QueuedLetter).values(due_at=now()))


async def test_a_letter_arrives_as_text_and_html(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    letter = Letter(
        "VERIFY_EMAIL", ADDRESS, facts={"link": "https://shop.example/x?a=1&b=2", "days": 3}
    )
    await queue(db, letter)

    assert await mail.deliver_due(db, carrier) == 1

    (message,) = relay.messages
    assert relay.recipients == [ADDRESS]
    assert message["To"] == ADDRESS
    assert message["From"] == "Shop of shops <hello@shop.example>"
    assert message["Subject"] == "Confirm your e-mail address"
    assert message["Message-ID"] == f"<{letter.id.hex}@shop.example>"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "https://shop.example/x?a=1&b=2" in text.get_content().splitlines()
    assert (
        '<a href="https://shop.example/x?a=1&amp;b=2" target="_blank">Open</a>'
        in html.get_content()
    )
    assert await waiting(db) == 0
    assert await mail.deliver_due(db, carrier) == 0


async def test_a_letter_is_written_in_the_language_of_its_reader(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    await queue(db, *(Letter("NO_ACCOUNT", ADDRESS, language) for language in ("zh-Hans", "fr")))

    await mail.deliver_due(db, carrier)

    assert {message["Content-Language"]: message["Subject"] for message in relay.messages} == {
        "zh-Hans": "此地址没有账户",
        "en": "No account with this address",
    }


async def test_a_letter_leaves_only_if_its_transaction_commits(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    async def fail() -> None:
        async with db.transaction() as session:
            await mail.send(session, LETTER)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()

    assert await mail.deliver_due(db, carrier) == 0
    assert relay.messages == []


async def test_a_temporary_failure_is_tried_again_later(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    relay.refusals = ["451 come again, {address}"]
    await queue(db, LETTER)

    await mail.deliver_due(db, carrier)
    at_once = await mail.deliver_due(db, carrier)
    await make_due(db)
    await mail.deliver_due(db, carrier)

    assert at_once == 0
    assert relay.recipients == [ADDRESS]
    assert await waiting(db) == 0


async def test_a_server_that_is_away_is_tried_again_later(db: Database, settings: Settings) -> None:

    nobody = postman(sent_by(settings, "smtp+plain://127.0.0.1:1"))
    await queue(db, LETTER)

    await mail.deliver_due(db, nobody)

    assert await waiting(db) == 1


async def test_pauses_between_tries_grow_up_to_an_hour() -> None:
    pauses = [mail.pause_after(attempts) for attempts in (1, 2, 3, 60)]

    assert [pause.total_seconds() for pause in pauses] == [15, 30, 60, 3600]


async def test_who_does_not_exist_is_not_tried_again(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    relay.refusals = ["550 no such person: {address}"]
    await queue(db, LETTER)

    await mail.deliver_due(db, carrier)

    assert await waiting(db) == 0
    assert relay.messages == []


async def test_a_letter_of_an_unknown_kind_is_given_up(db: Database, carrier: Postman) -> None:
    await queue(db, Letter("NO_SUCH_KIND", ADDRESS))

    await mail.deliver_due(db, carrier)

    assert await waiting(db) == 0


async def test_a_letter_that_got_old_while_it_waited_is_given_up(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    await queue(db, LETTER)
    async with db.transaction() as session:
        old = now() - mail.TIME_TO_GIVE_UP - timedelta(seconds=1)
        await session.execute(update(QueuedLetter).values(created_at=old))
    relay.refusals = ["451 later"]

    await mail.deliver_due(db, carrier)

    assert await waiting(db) == 0


async def test_a_fault_of_one_letter_holds_up_no_other(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    await queue(db, Letter("VERIFY_EMAIL", ADDRESS), LETTER)  # the first lacks its link

    with pytest.raises(Exception, match="link"):
        await mail.deliver_due(db, carrier)

    assert [message["Subject"] for message in relay.messages] == ["Your password was changed"]
    assert await waiting(db) == 1


async def test_of_many_workers_at_once_one_carries_each_letter(
    db: Database, relay: Relay, carrier: Postman
) -> None:
    await queue(db, *(Letter("NO_ACCOUNT", f"person{n}@example.com") for n in range(20)))

    for _ in range(3):
        await asyncio.gather(*(mail.deliver_due(db, carrier) for _ in range(4)))

    assert sorted(relay.recipients) == sorted(f"person{n}@example.com" for n in range(20))


async def test_no_log_tells_who_was_written_to(
    db: Database, relay: Relay, carrier: Postman, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    relay.refusals = ["451 not now, {address}", "550 never, {address}"]
    await queue(
        db, LETTER, Letter("RESET_PASSWORD", ADDRESS, facts={"link": "secret-link", "minutes": 1})
    )

    await mail.deliver_due(db, carrier)
    await make_due(db)
    await mail.deliver_due(db, carrier)

    ours = [record for record in caplog.records if record.name != "mail.log"]  # the relay's own
    told = "".join(f"{each.getMessage()} {each.__dict__} {each.exc_text}" for each in ours)
    assert "letter not delivered" in told
    assert "ann.of.many" not in told
    assert "secret-link" not in told
    assert "ann.of.many" not in repr(LETTER)


DYING = """
import asyncio, sys
from datetime import timedelta
from core.db import Database
from core.settings import Settings
from integrations.mail import postman
from services import mail

class Dying:
    def __init__(self, carrier): self.carrier = carrier
    async def deliver(self, letter):
        await self.carrier.deliver(letter)
        print("delivered", flush=True)
        await asyncio.sleep(60)

async def main():
    settings = Settings(_env_file=None)
    db = Database(settings.database_url, size=4)
    await mail.deliver_due(db, Dying(postman(settings)), turn=timedelta(seconds=1))

asyncio.run(main())
"""


async def test_who_is_killed_after_handing_over_leaves_a_duplicate_and_no_loss(
    fresh_database: Callable[[], Awaitable[str]], relay: Relay, carrier: Postman, root: Path
) -> None:
    url = await fresh_database()
    own_db = Database(url, size=4)
    await queue(own_db, LETTER)
    smtp_url = f"smtp+plain://127.0.0.1:{relay.port}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", DYING),
        cwd=root,
        env={**os.environ, "DATABASE_URL": url, "SMTP_URL": smtp_url, "PYTHONPATH": str(root)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"delivered\n"

    process.send_signal(signal.SIGKILL)
    await process.wait()
    kept = await waiting(own_db)
    await asyncio.sleep(1.0)  # the turn of the dead ends
    await mail.deliver_due(own_db, carrier)

    assert kept == 1
    assert await waiting(own_db) == 0
    assert relay.recipients == [ADDRESS, ADDRESS]
    hosts = [message["Message-ID"].partition("@")[0] for message in relay.messages]
    assert hosts == [f"<{LETTER.id.hex}"] * 2
    await own_db.close()
