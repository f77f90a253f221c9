"""Stripe's own client for Node.js against the sandbox: a witness that is not ours."""

import json
import time
from pathlib import Path

from integrations.payments.sandbox.webhooks import signature
from tests.node import installed, run
from tests.payments.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox

CLIENT = Path(__file__).parent / "sandbox_official_client"
SIGNED = b'{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{}}}'


async def test_stripes_own_client_gets_along_with_the_sandbox(tmp_path: Path) -> None:
    folder = await installed(CLIENT, tmp_path)

    async with Sandbox.running(tmp_path) as sandbox:
        played = await _play(sandbox, folder)

    assert json.loads(played) == {
        "paid": ["succeeded", 1234, "O 1&é", True],
        "again": [True, "true"],
        "otherParameters": ["StripeIdempotencyError", 400, None, None],
        "declined": ["StripeCardError", 402, "card_declined", "insufficient_funds"],
        "missing": ["StripeInvalidRequestError", 404, "resource_missing", None],
        "asked": ["requires_action", "redirect_to_url"],
        "authenticated": "succeeded",
        "captured": ["requires_capture", "succeeded", 1000],
        "refunded": ["succeeded", 34],
        "overRefunded": ["StripeInvalidRequestError", 400, None, None],
        "walked": [4, 4, True],
        "events": True,
        "webhook": "payment_intent.succeeded",
    }


async def _play(sandbox: Sandbox, folder: Path) -> str:
    delivered = {
        "body": SIGNED.decode(),
        "signature": signature(WEBHOOK_SECRET, SIGNED, int(time.time())),
    }
    arguments = ("client.mjs", str(sandbox.port), API_KEY, WEBHOOK_SECRET)
    return await run("node", *arguments, folder=folder, given=json.dumps(delivered))
