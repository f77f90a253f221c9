"""Texts that no client of ours writes are refused like others, and are nobody's fault."""

import json
from typing import Any

import pytest

from tests.asking import Ask
from tests.factors.operations import (
    COMPLETE,
    CONFIRM,
    PASSKEY_ADD,
    PASSKEY_ASK,
    PASSKEY_ENTER,
    PASSKEY_RENAME,
    SETUP,
    SIGN_IN,
    done,
)
from tests.factors.outside import FINISH, LINK, START

ODD = ["a\u0000b", "\ud800", "\u202e", "x" * 50_000, "ı", "𝟏𝟐𝟑𝟒𝟓𝟔"]


def inputs(text: str) -> list[tuple[str, dict[str, Any]]]:
    answer = {"id": text, "rawId": text, "type": text, "response": {"clientDataJSON": text}}
    callback = {"state": text, "verifier": text, "code": text, "iss": text}
    return [
        (SIGN_IN, {"email": f"{text}@example.com", "password": text}),
        (COMPLETE, {"ticket": text, "code": text}),
        (COMPLETE, {"ticket": text, "recoveryCode": text}),
        (COMPLETE, {"ticket": text, "passkey": answer}),
        (CONFIRM, {"code": text}),
        (PASSKEY_ADD, {"credential": answer, "name": text}),
        (PASSKEY_ASK, {"ticket": text}),
        (PASSKEY_ENTER, {"credential": answer}),
        (PASSKEY_RENAME, {"id": text, "name": text}),
        (START, {"provider": text, "redirectUri": text}),
        (FINISH, callback),
        (LINK, {"callback": callback}),
        (LINK, {"ticket": text}),
    ]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
async def test_odd_texts_are_refused(own: Ask, text: str) -> None:
    await done(own, SETUP)

    for query, values in inputs(text):
        body = json.dumps({"query": query, "variables": {"input": values}})
        headers = {"authorization": f"Bearer {own.token}", "content-type": "application/json"}
        response = await own.client.post("/graphql", content=body, headers=headers)

        answer = response.json()
        codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", [])]
        assert "INTERNAL" not in codes, (query, answer)
        if not codes and response.status_code == 200:
            [payload] = answer["data"].values()
            assert payload["userErrors"], query
