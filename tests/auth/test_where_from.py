"""Where a request comes from: nobody can claim an address that is not theirs."""

from ipaddress import ip_network
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from auth.middleware import MAX_AGENT, IdentityMiddleware
from core.identity import Client, client

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


async def seen(
    peer: str | None, *forwarded: str, trusted: Any = TRUSTED, agent: str = "Till/1.0"
) -> Client:
    """What the application behind the middleware is told."""
    told: list[Client] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        told.append(client.get())

    async def nothing(*_: Any) -> Message:
        raise AssertionError

    headers = [(b"user-agent", agent.encode("latin-1"))]
    headers += [(b"x-forwarded-for", each.encode("latin-1")) for each in forwarded]
    scope = {"type": "http", "path": "/graphql", "headers": headers}
    if peer is not None:
        scope["client"] = (peer, 40_000)
    middleware = IdentityMiddleware(application, trusted_proxies=trusted)
    await middleware(scope, nothing, nothing)
    return told[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.1.1.1"], "10.1.1.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["1.2.3.4, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["2001:DB8::0001"], "2001:db8::1"),
        ("fd00::1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
    ],
)
async def test_only_what_our_own_proxies_say_is_believed(
    peer: str, forwarded: list[str], address: str
) -> None:
    assert (await seen(peer, *forwarded)).address == address


async def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert (await seen("10.0.0.1", "198.51.100.1", trusted=())).address == "10.0.0.1"


async def test_a_socket_without_a_peer_has_no_address() -> None:
    assert await seen(None, "198.51.100.1") == Client()


async def test_a_long_chain_is_not_followed_to_an_address_of_the_clients_choice() -> None:
    chain = ", ".join(["6.6.6.6", *["10.0.0.2"] * 50])

    assert (await seen("10.0.0.1", chain)).address == "10.0.0.2"


async def test_an_agent_is_kept_short_and_is_text_whatever_it_is() -> None:
    assert (await seen("203.0.113.7", agent="é" * 1000)).agent == "é" * MAX_AGENT
