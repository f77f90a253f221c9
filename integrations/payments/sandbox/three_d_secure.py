"""The page of the cardholder's bank: one question, two buttons, no script."""

from contextlib import suppress
from html import escape
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from integrations.payments.sandbox import confirm, parameters, payment_methods
from integrations.payments.sandbox.calls import Call
from integrations.payments.sandbox.errors import ApiError
from integrations.payments.sandbox.store import Object

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
}
_STYLE: Final = """
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #eef1f5;
       color: #1b2430; font: 16px/1.5 system-ui, sans-serif; }
main { width: min(24rem, calc(100vw - 4rem)); background: #fff; padding: 1.5rem;
       border: 1px solid #d5dbe3; border-radius: 8px; }
h1 { font-size: 1.2rem; margin: 0 0 .5rem; }
p { margin: 0 0 1rem; }
form { display: flex; gap: .75rem; }
button { flex: 1; font: inherit; padding: .6rem; border-radius: 6px; cursor: pointer;
         border: 1px solid #14532d; background: #166534; color: #fff; }
button[value=fail] { background: #fff; color: #991b1b; border-color: #991b1b; }
"""


async def answer(call: Call, request: Request) -> Response:
    """Show the question, or take the cardholder's answer."""
    identifier, nonce = request.path_params["intent"], request.path_params["nonce"]
    if request.method != "POST":
        return page(call, identifier, nonce)
    outcome = dict(parse_qsl((await request.body()).decode(errors="replace"))).get("outcome", "")
    with call.store.transaction():
        return decide(call.begin(), identifier, nonce, outcome)


def page(call: Call, identifier: str, nonce: str) -> Response:
    intent = _asked(call, identifier, nonce)
    if intent is None:
        return _html("Nothing to do", "<p>This page is no longer valid.</p>", status=404)
    if intent["status"] != "requires_action":
        return _back(call, intent)
    what = escape(parameters.shown(intent["amount"], intent["currency"]))
    return _html(
        "Is it you?",
        f"<p>The sandbox's bank wants to know whether you pay <strong>{what}</strong>.</p>"
        '<form method="post">'
        '<button name="outcome" value="complete">Complete</button>'
        '<button name="outcome" value="fail">Fail</button>'
        "</form>",
    )


def decide(call: Call, identifier: str, nonce: str, outcome: str) -> Response:
    """What the cardholder said; deciding twice changes nothing."""
    intent = _asked(call, identifier, nonce)
    if intent is None:
        return _html("Nothing to do", "<p>This page is no longer valid.</p>", status=404)
    if intent["status"] == "requires_action":
        method = call.require("payment_method", intent["payment_method"], param="payment_method")
        card = payment_methods.card_behind(call, method)
        if outcome == "complete":
            with suppress(ApiError):  # the bank declined; the intent says so
                confirm.charge(call, intent, method, card, authenticated=True)
        else:
            confirm.decline(call, intent, method, confirm.AUTHENTICATION_FAILED)
    return _back(call, intent)


def _asked(call: Call, identifier: str, nonce: str) -> Object | None:
    """The intent whose last confirmation led to this page."""
    intent = call.store.get("payment_intent", identifier)
    return intent if intent and call.store.hidden(identifier).get("nonce") == nonce else None


def _back(call: Call, intent: Object) -> Response:
    """To the shop, with the parameters that Stripe documents; the shop must not trust them."""
    return_url = call.store.hidden(intent["id"]).get("return_url")
    succeeded = intent["status"] in {"succeeded", "requires_capture"}
    if not return_url:
        done = "The payment went through." if succeeded else "The payment did not go through."
        return _html("Done", f"<p>{done} You can close this page.</p>")
    parts = urlsplit(str(return_url))
    query = [
        *parse_qsl(parts.query, keep_blank_values=True),
        ("payment_intent", intent["id"]),
        ("payment_intent_client_secret", intent["client_secret"]),
        ("redirect_status", "succeeded" if succeeded else "failed"),
    ]
    address = urlunsplit(parts._replace(query=urlencode(query)))
    return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})


def _html(title: str, content: str, *, status: int = 200) -> Response:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{content}</main></body></html>",
        status_code=status,
        headers=_HEADERS,
    )
