"""Callbacks of payment providers: no sign-in, but a signature; kept, answered, then looked into."""

from collections.abc import Mapping
from typing import Final

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from core.db import FAULTS
from services import payments
from services.payments import PaymentProvider

MAX_BYTES: Final = 256 * 1024


async def callback(request: Request) -> Response:
    """200: kept, or known already. 400: not signed by the provider. 503: to be sent again."""
    name = request.path_params["provider"]
    shop = request.app.state.shop
    providers: Mapping[str, PaymentProvider] = shop.providers
    if name not in providers:
        return PlainTextResponse("There is no such provider.", 404)
    raw = await _body(request)
    if raw is None:
        return PlainTextResponse(f"A callback has at most {MAX_BYTES} bytes.", 413)
    try:
        event = await providers[name].parse_callback(raw, request.headers)
    except payments.InvalidSignature:
        return PlainTextResponse("The signature is not valid.", 400)
    try:
        is_new = await payments.receive(shop.db, name, event)
    except FAULTS:
        return PlainTextResponse("Send it again later.", 503)
    if not is_new:
        return Response()
    looking = BackgroundTask(
        payments.look_into, shop.db, providers, provider=name, event_id=event.event_id
    )
    return Response(background=looking)


async def _body(request: Request) -> bytes | None:
    """The bytes as they came, for the signature is over them; None for too many."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BYTES:
            return None
    return bytes(raw)
