"""Who asks, and from where: `scope["user"]` at the paths that want to know, `core.identity.client`.

Of raw headers: Starlette's own objects cost ten times as much.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from auth.callers import UNRECOGNISABLE, Callers, ScopeInsufficient
from auth.rights import SHOP_SCOPE
from auth.tokens import TokenInvalid
from core.errors import Shown, Unavailable
from core.identity import ANONYMOUS, UNKNOWN, Caller, Client, client
from core.ids import decode

BEARER: Final = re.compile(r"bearer +([\w.~+/=-]+) *", re.ASCII | re.IGNORECASE)
MAX_AGENT: Final = 256
AUTHORIZATION: Final = b"authorization"
MERCHANT: Final = b"marketfront-merchant"
FORWARDED: Final = b"x-forwarded-for"
MATTERING: Final = frozenset({AUTHORIZATION, MERCHANT, FORWARDED})
PROXIES: Final = 8  # that a request passes before we stop believing it

Network = IPv4Network | IPv6Network
Said = dict[bytes, list[Any]]  # header -> its values, as often as it was sent


class MerchantRefused(Shown):
    """The request names a merchant for which the caller does not work, or none at all."""

    code = "FORBIDDEN"

    def __init__(self) -> None:
        super().__init__("You do not work for the merchant that the request names.")


REFUSALS: Final = (TokenInvalid, ScopeInsufficient, MerchantRefused)


class IdentityMiddleware:
    """Anonymous is a caller too; a token that is not good is refused, not ignored.

    Callers are made in the lifespan and found in the application's state.

    paths: where callers are wanted; elsewhere an Authorization is another protocol's business.
    trusted_proxies: whose X-Forwarded-For is believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        paths: tuple[str, ...] = ("/graphql",),
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self.app, self.paths, self.trusted = app, frozenset(paths), tuple(trusted_proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        agent, said = _read(scope["headers"])
        client.set(_client(scope, agent, said, self.trusted))
        try:
            is_wanted = said and scope["path"] in self.paths
            scope["user"] = await _caller(scope, said) if is_wanted else ANONYMOUS
        except REFUSALS as refusal:
            await _refused(refusal)(scope, receive, send)
        except UNRECOGNISABLE:
            await _UNAVAILABLE(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def caller_of(connection: HTTPConnection) -> Caller:
    """Who asks for an operation.

    Over a WebSocket the token is looked at again for each operation: the connection may live
    longer than the sign-in.

    Raises: one of REFUSALS; Unavailable or one of core.db.FAULTS when nobody can be recognised.
    """
    scope = connection.scope
    if scope["type"] == "http":
        caller: Caller = scope["user"]
        return caller
    return await _caller(scope, _of_connection(scope))


async def token_ended(connection: HTTPConnection) -> None:
    """Returns when the token of an open WebSocket is good no more; without one, never."""
    said = _of_connection(connection.scope)
    if AUTHORIZATION in said:
        callers: Callers = connection.app.state.callers
        await callers.ended(_token(said[AUTHORIZATION]))
    else:
        await asyncio.get_running_loop().create_future()


def _refused(refusal: Exception) -> JSONResponse:
    """The answer of RFC 6750 to a token that is not good, or not for this."""
    if isinstance(refusal, TokenInvalid):
        return _error(401, refusal, **{"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if isinstance(refusal, ScopeInsufficient):
        challenge = f'Bearer error="insufficient_scope", scope="{SHOP_SCOPE}"'
        return _error(403, refusal, **{"WWW-Authenticate": challenge})
    assert isinstance(refusal, MerchantRefused), "one of REFUSALS"
    return _error(403, refusal)


def _read(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bytes, Said]:
    """The User-Agent, and what the headers that matter here say."""
    agent, said = b"", Said()
    for name, value in headers:
        if name in MATTERING:
            said.setdefault(name, []).append(value)
        elif name == b"user-agent":
            agent = value
    return agent, said


def _client(scope: Scope, agent: bytes, said: Said, trusted: tuple[Network, ...]) -> Client:
    peer = scope.get("client")
    if peer is None:
        return UNKNOWN
    address: str = peer[0]
    if ":" in address:
        address = str(_parsed(address) or address)
    if trusted and FORWARDED in said:
        address = _forwarded(address, b",".join(said[FORWARDED]).decode("latin-1"), trusted)
    return Client(address, agent[:MAX_AGENT].decode("latin-1"))


@lru_cache(maxsize=1024)
def _forwarded(peer: str, header: str, trusted: tuple[Network, ...]) -> str:
    """From the right, each proxy tells who asked it; the first that is not ours is the client.

    Whoever is no proxy of ours may have made up all that stands to the left.
    """
    address = _parsed(peer)
    for said in reversed(header.split(",")[-PROXIES:]):
        if address is None or not any(address in network for network in trusted):
            break
        told = _parsed(said.strip())
        if told is None:
            break
        address = told
    return str(address or peer)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address in its one way of writing: IPv4 is IPv4 on sockets of both kinds too."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _of_connection(scope: Scope) -> Said:
    """What a WebSocket says of identity and merchant: browsers can't set headers there.

    They send both in the payload of `connection_init`, where they go before the headers.
    """
    _, said = _read(scope["headers"])
    sent = Said()
    for name, value in scope.get("connection_params", {}).items():
        sent.setdefault(name.lower().encode(errors="replace"), []).append(value)
    return said | {name: values for name, values in sent.items() if name in MATTERING}


async def _caller(scope: Scope, said: Said) -> Caller:
    """The caller named by the only Authorization of a request, for the merchant it names."""
    caller = ANONYMOUS
    if AUTHORIZATION in said:
        callers: Callers = scope["app"].state.callers
        caller = await callers.of(_token(said[AUTHORIZATION]))
    return _narrowed(scope, caller, said[MERCHANT]) if MERCHANT in said else caller


def _token(authorizations: list[Any]) -> str:
    bearer = BEARER.fullmatch(_text(authorizations[0]))
    if bearer is None or len(authorizations) > 1:
        raise TokenInvalid
    return bearer[1]


def _narrowed(scope: Scope, caller: Caller, merchants: list[Any]) -> Caller:
    merchant_id = decode("merchant", _text(merchants[0]).strip())
    narrowed = caller.narrowed(merchant_id) if merchant_id and len(merchants) == 1 else None
    if narrowed is None:
        scope["app"].state.shop.refusals.add(caller, MerchantRefused.code, ["Marketfront-Merchant"])
        raise MerchantRefused
    return narrowed


def _text(said: Any) -> str:
    return said.decode("latin-1") if isinstance(said, bytes) else str(said)


def _error(status: int, refusal: Shown, **headers: str) -> JSONResponse:
    body = {"errors": [{"message": str(refusal), "extensions": {"code": refusal.code}}]}
    return JSONResponse(body, status, headers)


_UNAVAILABLE: Final = _error(503, Unavailable("Try again later."), **{"Retry-After": "1"})
