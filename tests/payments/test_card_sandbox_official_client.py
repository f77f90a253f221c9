"""Stripe's own client for Node.js against the sandbox: a witness that is not ours.

Its packages are installed by `npm ci` in tests/payments/sandbox_official_client.
"""

import asyncio
import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from integrations.payments.sandbox.webhooks import signature
from tests.payments.sandbox_process import API_KEY, WEBHOOK_SECRET, Sandbox

CLIENT = Path(__file__).parent / "sandbox_official_client"
NODE = shutil.which("node")
SIGNED = b'{"id":"evt_1","object":"event","type":"payment_intent.succeeded","data":{"object":{}}}'


@pytest.mark.skipif(
    NODE is None or not (CLIENT / "node_modules" / "stripe").is_dir(),
    reason="run `npm ci` in tests/payments/sandbox_official_client",
)
async def test_stripes_own_client_gets_along_with_the_sandbox(tmp_path: Path) -> None:
    async with Sandbox.running(tmp_path) as sandbox:
        played = await asyncio.to_thread(_play, sandbox)

    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout) == {
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


def _play(sandbox: Sandbox) -> subprocess.CompletedProcess[str]:
    delivered = {
        "body": SIGNED.decode(),
        "signature": signature(WEBHOOK_SECRET, SIGNED, int(time.time())),
    }
    return subprocess.run(
        [str(NODE), "client.mjs", str(sandbox.port), API_KEY, WEBHOOK_SECRET],
        cwd=CLIENT,
        input=json.dumps(delivered),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
