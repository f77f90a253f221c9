"""Whoever did not change how their account is entered hears that somebody did."""

import pytest
from sqlalchemy import select

from core.db import Database
from core.settings import Settings
from integrations.mail.writing import Writer
from models.mail import QueuedLetter
from services import mail
from services.factors.letters import Change
from tests.asking import Ask
from tests.factors.authenticator import Authenticator
from tests.factors.conftest import protect, ticket
from tests.factors.operations import COMPLETE, PASSKEY_REMOVE, REMOVE, RENEW, done
from tests.factors.test_passkeys import ORIGIN, register


async def test_every_change_is_told_to_the_address_of_the_account(db: Database, own: Ask) -> None:
    protected = await protect(own)
    waiting, code = await ticket(own), protected.recovery_codes[0]
    await done(own, COMPLETE, ticket=waiting, recoveryCode=code)
    await done(own, RENEW)
    await done(own, REMOVE)
    passkey = await register(own, Authenticator(ORIGIN))
    await done(own, PASSKEY_REMOVE, id=passkey["passkey"]["id"])

    told = select(QueuedLetter).where(QueuedLetter.kind == "SIGN_IN_CHANGED")
    async with db.transaction() as session:
        letters = (await session.scalars(told.order_by(QueuedLetter.id))).all()
    assert {letter.recipient for letter in letters} == {"ann@example.com"}
    assert [letter.facts["change"] for letter in letters] == [
        Change.CODES_ON,
        Change.RECOVERY_CODE_USED,
        Change.RECOVERY_CODES_RENEWED,
        Change.CODES_OFF,
        Change.PASSKEY_ADDED,
        Change.PASSKEY_REMOVED,
    ]


@pytest.mark.parametrize("change", Change)
@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_change_has_words(settings: Settings, change: Change, language: str) -> None:
    letter = mail.Letter("SIGN_IN_CHANGED", "ann@example.com", language, {"change": change.value})

    message = Writer(settings).message(letter)

    assert message["Content-Language"] == language
    body = message.get_body(("plain",))
    assert body is not None
    assert change not in body.get_content()
    assert "{" not in body.get_content()
