"""What the audit log and the logs say of sign-ins; and what they never say."""

import logging
from typing import Any

import pytest
from sqlalchemy import select

from core.db import Database
from models.accounts import User
from models.audit import AuditDetails, AuditEntry
from tests.accounts.operations import PASSWORD, sign_in
from tests.asking import Ask
from tests.factors.authenticator import Authenticator
from tests.factors.conftest import Protected, protect, ticket
from tests.factors.operations import COMPLETE, REMOVE, RENEW, SETUP, done
from tests.factors.test_passkeys import ORIGIN, enter, register


async def entries(db: Database, *actions: str) -> list[tuple[str, Any, Any, Any]]:
    """action, actor, object and facts of the entries with these actions, oldest first."""
    columns = (AuditEntry.action, AuditEntry.actor_id, AuditEntry.object_id, AuditEntry.after)
    query = select(*columns).where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)
    async with db.transaction() as session:
        return [tuple(row) for row in (await session.execute(query)).all()]


async def test_sign_ins_are_recorded_with_how_they_were_shown(
    db: Database, ann: User, ask: Ask, protected: Protected
) -> None:
    device = Authenticator(ORIGIN)
    await register(protected.own, device)
    await done(ask, COMPLETE, ticket=await ticket(ask), code=protected.code())
    await enter(ask, device)

    assert await entries(db, "SIGNED_IN") == [
        ("SIGNED_IN", ann.id, ann.id, {"methods": ["pwd"]}),
        ("SIGNED_IN", ann.id, ann.id, {"methods": ["pwd", "otp", "mfa"]}),
        ("SIGNED_IN", ann.id, ann.id, {"methods": ["hwk", "user", "mfa"]}),
    ]


async def test_failed_sign_ins_are_recorded_whether_or_not_there_is_an_account(
    db: Database, ann: User, ask: Ask
) -> None:
    await sign_in(ask, password="wrong horse battery")
    await sign_in(ask, email="nobody@example.com")

    assert await entries(db, "SIGN_IN_FAILED") == [
        ("SIGN_IN_FAILED", None, ann.id, {"methods": ["pwd"]}),
        ("SIGN_IN_FAILED", None, None, {"methods": ["pwd"]}),
    ]
    async with db.transaction() as session:
        details = "".join(await session.scalars(select(AuditDetails.content)))
    assert "nobody@example.com" in details  # where it can be erased
    assert "wrong horse" not in details


async def test_a_wrong_second_factor_and_a_recovery_code_are_recorded(
    db: Database, ann: User, ask: Ask, protected: Protected
) -> None:
    waiting = await ticket(ask)
    await done(ask, COMPLETE, ticket=waiting, code="000000")
    await done(ask, COMPLETE, ticket=waiting, recoveryCode=protected.recovery_codes[0])

    assert await entries(db, "SIGN_IN_FAILED", "RECOVERY_CODE_USED") == [
        ("SIGN_IN_FAILED", None, ann.id, {"methods": ["otp", "mfa"]}),
        ("RECOVERY_CODE_USED", None, ann.id, {"left": 9}),
    ]


async def test_a_passkey_whose_counter_goes_back_is_recorded_as_a_copy(
    db: Database, ask: Ask, own: Ask
) -> None:
    device = Authenticator(ORIGIN)
    passkey = await register(own, device)
    device.count = 7
    await enter(ask, device)
    device.count = 3
    await enter(ask, device)

    [(_, _, object_id, facts)] = await entries(db, "PASSKEY_COPY_SUSPECTED")
    assert passkey["passkey"]["id"] == f"passkey_{object_id.hex}"
    assert facts == {"counted": 4}


async def test_changes_of_factors_are_recorded(
    db: Database, ann: User, protected: Protected
) -> None:
    await done(protected.own, RENEW)
    await done(protected.own, REMOVE)

    actions = ("TOTP_TURNED_ON", "TOTP_TURNED_OFF", "RECOVERY_CODES_RENEWED")
    recorded = await entries(db, *actions)
    assert [(action, actor, user) for action, actor, user, _ in recorded] == [
        (action, ann.id, ann.id)
        for action in ("TOTP_TURNED_ON", "RECOVERY_CODES_RENEWED", "TOTP_TURNED_OFF")
    ]


async def test_no_secret_gets_into_the_logs_or_the_audit_log(
    db: Database, ask: Ask, own: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        forgotten = await done(own, SETUP)
        protected = await protect(own)
        waiting, spent = await ticket(ask), await ticket(ask)
        await done(ask, COMPLETE, ticket=spent, code=protected.code(steps=5))
        await done(ask, COMPLETE, ticket=waiting, recoveryCode=protected.recovery_codes[0])
        await ask.answer(COMPLETE, input={"ticket": spent, "code": 7})

    shown = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    columns = select(AuditEntry.before, AuditEntry.after, AuditEntry.action)
    async with db.transaction() as session:
        shown += repr((await session.execute(columns)).all())
        shown += repr((await session.scalars(select(AuditDetails.content))).all())
    secrets = [forgotten["secret"], protected.device._totp.secret, protected.recovery_codes[0]]
    for secret in (*secrets, waiting, spent, PASSWORD, protected.code(steps=5)):
        assert secret not in shown
