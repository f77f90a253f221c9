"""What the tests of factors ask, and a device that makes one-time codes."""

from datetime import datetime, timedelta
from typing import Any

import pyotp

from tests.accounts.operations import REFUSALS, TOKENS
from tests.asking import Ask

FACTS = f"""{REFUSALS.removesuffix(" }")}
  ... on SecondFactorRequired {{ ticket methods }}
  ... on RecentSignInRequired {{ maximumAgeSeconds }}
  ... on PasswordTooWeak {{ warning suggestions }}
  ... on LinkRequired {{ provider ticket }} }}"""
ENTERED = TOKENS.replace(REFUSALS, FACTS)


def operation(name: str, payload: str) -> str:
    """A mutation that takes one input."""
    input_type = name[0].upper() + name[1:] + "Input"
    return f"mutation($input: {input_type}!) {{ {name}(input: $input) {{ {payload} }} }}"


SIGN_IN = operation("tokenCreate", ENTERED)
COMPLETE = operation("tokenCreateComplete", ENTERED)
CONFIRM = operation("totpConfirm", f"recoveryCodes {FACTS}")
SETUP = f"mutation {{ totpSetup {{ secret uri qrCode {FACTS} }} }}"
REMOVE = f"mutation {{ totpRemove {{ user {{ oneTimeCodes {{ since }} }} {FACTS} }} }}"
RENEW = f"mutation {{ recoveryCodesRenew {{ recoveryCodes {FACTS} }} }}"
MINE = "{ me { oneTimeCodes { since recoveryCodesLeft } } }"


async def done(ask: Ask, query: str, **values: Any) -> dict[str, Any]:
    """The payload of a mutation, whatever it says."""
    answer = await ask(query, **({"input": values} if "$input" in query else {}))
    payload: dict[str, Any] = next(iter(answer.values()))
    return payload


class Device:
    """An app with one-time codes, whose clock the test turns on."""

    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self, at: datetime, *, steps: int = 0) -> str:
        return self._totp.at(at + timedelta(seconds=30 * steps))


PASSKEY_START = f"mutation {{ passkeyRegistrationStart {{ options {FACTS} }} }}"
PASSKEY_ADD = operation("passkeyRegister", f"passkey {{ id name isSynced }} {FACTS}")
PASSKEY_RENAME = operation("passkeyRename", f"passkey {{ id name }} {FACTS}")
PASSKEY_REMOVE = operation("passkeyRemove", f"removedPasskeyId {FACTS}")
PASSKEY_ASK = operation("passkeySignInStart", f"options {FACTS}")
PASSKEY_ENTER = operation("passkeySignIn", ENTERED)
PASSKEYS = "{ me { passkeys { id name isSynced createdAt lastUsedAt } } }"
