"""How many statements each mutation takes: however many passkeys, codes and identities there are."""

from typing import Any

from core.clock import now
from core.db import Database, counted
from models.accounts import User
from models.factors import Passkey
from tests.accounts.operations import ME, sign_in
from tests.asking import Ask
from tests.factors.authenticator import Authenticator
from tests.factors.conftest import Protected, ticket
from tests.factors.operations import (
    COMPLETE,
    CONFIRM,
    PASSKEY_ADD,
    PASSKEY_ASK,
    PASSKEY_ENTER,
    PASSKEY_REMOVE,
    PASSKEY_RENAME,
    PASSKEY_START,
    REMOVE,
    RENEW,
    SETUP,
    Device,
    done,
)
from tests.factors.test_passkeys import ORIGIN, register


async def statements(ask: Ask, query: str, **values: Any) -> int:
    """Of an operation that does what it is asked."""
    with counted() as seen:
        payload = await done(ask, query, **values)
    assert payload["userErrors"] == [], payload
    return len(seen)


async def test_signing_in_with_two_factors(ask: Ask, protected: Protected) -> None:
    await sign_in(ask)
    with counted() as seen:
        waiting = await ticket(ask)

    assert len(seen) == 3, seen  # credentials, second factors, the ticket
    # ticket, credentials; a try, the generator, its step, the ticket, the audit log; credentials
    # under a lock, the sign-in, its refresh token; the payload's user
    assert await statements(ask, COMPLETE, ticket=waiting, code=protected.code()) == 11


async def test_one_time_codes(own: Ask) -> None:
    await own(ME)

    # credentials; the sign-in, the user under a lock, the generator
    assert await statements(own, SETUP) == 4
    secret = (await done(own, SETUP))["secret"]
    # the user under a lock, the generator twice, the codes twice, the user, the letter, the audit log
    assert await statements(own, CONFIRM, code=Device(secret).code(now())) == 8
    # the sign-in, the user under a lock, the generator, the codes twice, the letter, the audit log
    assert await statements(own, RENEW) == 7
    # the sign-in, the user under a lock, the generator, the codes, the letter, the audit log; the
    # payload's user and its codes
    assert await statements(own, REMOVE) == 8


async def test_passkeys_however_many_there_are(db: Database, ann: User, ask: Ask, own: Ask) -> None:
    await own(ME)
    async with db.transaction() as session:
        for n in range(12):
            row = {"credential_id": bytes([n]), "public_key": b"", "sign_count": 0}
            session.add(Passkey(user_id=ann.id, name="x", is_synced=False, transports=[], **row))
    device = Authenticator(ORIGIN)
    kept = (await register(own, Authenticator(ORIGIN)))["passkey"]["id"]

    # credentials, passkeys; the sign-in, the user under a lock, the room, the challenge
    assert await statements(own, PASSKEY_START) == 6
    answer = device.create((await done(own, PASSKEY_START))["options"])
    # the challenge; the user under a lock, the room, the passkey, the letter, the audit log; the
    # payload's passkey
    assert await statements(own, PASSKEY_ADD, credential=answer, name="x") == 7
    assert await statements(own, PASSKEY_RENAME, id=kept, name="y") == 2
    # the sign-in, the user under a lock, the other ways, the passkey, the letter, the audit log
    assert await statements(own, PASSKEY_REMOVE, id=kept) == 6
    assert await statements(ask, PASSKEY_ASK) == 1
    entry = device.get((await done(ask, PASSKEY_ASK))["options"])
    # the challenge; the passkey, credentials; its count, the audit log; credentials under a lock,
    # the sign-in, its refresh token; the payload's user
    assert await statements(ask, PASSKEY_ENTER, credential=entry) == 9
