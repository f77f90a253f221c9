"""How often somebody may try, counted in Valkey and, without it, in the process."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from auth.brakes import SIGN_IN, Brakes, Rule, Throttled, network
from auth.windows import Limit
from core.identity import Client, client
from core.redis import connect
from deploy.embedded.valkey import EmbeddedValkey

QUICK = Rule("quick", Limit(100, 1), Limit(2, 1), Limit(100, 1))


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    opened = connect(redis_url)
    await opened.flushdb()
    yield opened
    await opened.aclose()


@pytest.fixture
def brakes(redis: Redis) -> Brakes:
    return Brakes(redis)


def came_from(address: str) -> None:
    client.set(Client(address))


async def allowed(brakes: Brakes, rule: Rule, account: str | None, *, tries: int) -> int:
    """How many of so many tries go through."""
    passed = 0
    for _ in range(tries):
        try:
            await brakes.check(rule, account)
        except Throttled:
            continue
        passed += 1
    return passed


async def test_an_account_is_tried_ten_times_from_an_address(brakes: Brakes) -> None:
    came_from("203.0.113.1")

    assert await allowed(brakes, SIGN_IN, "ann@example.com", tries=15) == 10
    assert await allowed(brakes, SIGN_IN, "bob@example.com", tries=1) == 1
    with pytest.raises(Throttled) as refused:
        await brakes.check(SIGN_IN, " ANN@example.com ")
    assert 290 <= refused.value.retry_after <= 300
    assert refused.value.facts == {"retryAfter": refused.value.retry_after}


async def test_one_address_with_many_accounts_is_stopped(brakes: Brakes) -> None:
    came_from("203.0.113.2")

    through = 0
    for n in range(80):
        through += await allowed(brakes, SIGN_IN, f"user{n}@example.com", tries=1)

    assert through == SIGN_IN.address.most
    came_from("203.0.113.3")
    assert await allowed(brakes, SIGN_IN, "user1@example.com", tries=1) == 1


async def test_a_crowd_of_addresses_at_one_account_is_stopped(brakes: Brakes) -> None:
    through = 0
    for n in range(150):
        came_from(f"198.51.{n // 100}.{n % 100}")
        through += await allowed(brakes, SIGN_IN, "ann@example.com", tries=1)

    assert through == SIGN_IN.account.most


async def test_a_crowd_does_not_lock_the_owner_out_where_they_were_before(brakes: Brakes) -> None:
    came_from("203.0.113.4")
    await brakes.check(SIGN_IN, "ann@example.com")
    await brakes.passed(SIGN_IN, "ann@example.com")
    for n in range(150):
        came_from(f"198.51.{n // 100}.{n % 100}")
        await allowed(brakes, SIGN_IN, "ann@example.com", tries=1)

    came_from("203.0.113.4")
    assert await allowed(brakes, SIGN_IN, "ann@example.com", tries=1) == 1


async def test_success_is_no_guess(brakes: Brakes) -> None:
    came_from("203.0.113.5")

    for n in range(SIGN_IN.address.most + 20):
        await brakes.check(SIGN_IN, f"pupil{n}@example.com")
        await brakes.passed(SIGN_IN, f"pupil{n}@example.com")

    assert await allowed(brakes, SIGN_IN, "guess@example.com", tries=15) == 10


async def test_signing_in_to_an_own_account_gains_no_guesses(brakes: Brakes) -> None:
    came_from("203.0.113.6")

    guesses = 0
    for n in range(80):
        guesses += await allowed(brakes, SIGN_IN, f"victim{n}@example.com", tries=1)
        if await allowed(brakes, SIGN_IN, "own@example.com", tries=1):
            await brakes.passed(SIGN_IN, "own@example.com")

    assert guesses == SIGN_IN.address.most


async def test_the_window_slides_and_knocking_does_not_prolong_it(brakes: Brakes) -> None:
    came_from("203.0.113.7")
    assert await allowed(brakes, QUICK, "ann", tries=2) == 2
    await asyncio.sleep(0.5)
    assert await allowed(brakes, QUICK, "ann", tries=20) == 0

    await asyncio.sleep(0.55)

    assert await allowed(brakes, QUICK, "ann", tries=5) == 2


async def test_many_at_once_get_no_more_than_the_limit(redis: Redis) -> None:
    came_from("203.0.113.8")
    processes = [Brakes(redis), Brakes(redis)]

    through = await asyncio.gather(
        *(allowed(processes[n % 2], SIGN_IN, "ann@example.com", tries=1) for n in range(40))
    )

    assert sum(through) == SIGN_IN.pair.most


async def test_a_check_is_one_round_trip(brakes: Brakes, redis: Redis) -> None:
    await brakes.check(SIGN_IN, "ann@example.com")
    sent: list[object] = []

    async with redis.monitor() as monitor:
        await redis.ping()
        await brakes.check(SIGN_IN, "ann@example.com")
        await redis.ping()
        async for command in monitor.listen():
            if command["client_type"] != "lua":
                sent.append(command["command"].split()[0])
            if sent.count("PING") == 2:
                break

    assert sent[sent.index("PING") :] == ["PING", "EVALSHA", "PING"]


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.1", "203.0.113.1"),
        ("::ffff:203.0.113.1", "203.0.113.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_addresses_are_counted_by_who_has_them(address: str, counted_as: str) -> None:
    assert network(address) == counted_as


async def test_keys_tell_nobody_who_tries(brakes: Brakes, redis: Redis) -> None:
    came_from("203.0.113.9")

    await brakes.check(SIGN_IN, "ann@example.com")

    keys = await redis.keys("*")
    assert len(keys) == 3
    assert all(re.fullmatch(r"brakes:sign-in:[a-z]+:[0-9a-f]{32}", key) for key in keys)


async def test_without_valkey_a_process_is_stricter(brakes: Brakes) -> None:
    gone = Brakes(connect("redis://127.0.0.1:1/0"))
    came_from("203.0.113.10")

    assert await allowed(gone, SIGN_IN, "ann@example.com", tries=20) == 2
    through = 0
    for n in range(600):
        came_from(f"198.51.{n // 250}.{n % 250}")
        through += await allowed(gone, SIGN_IN, f"user{n}@example.com", tries=1)
    assert through == SIGN_IN.address.most // 4 * 10 - 2


async def test_a_valkey_that_hangs_delays_nobody_and_frees_nobody(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path / "valkey", configuration={"appendonly": "no"})
    server.start()
    redis = connect(server.url())
    brakes = Brakes(redis)
    came_from("203.0.113.12")
    assert await allowed(brakes, SIGN_IN, "ann@example.com", tries=1) == 1
    pid = (await redis.info("server"))["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert await allowed(brakes, SIGN_IN, "ann@example.com", tries=20) == 2
        assert time.monotonic() - began < 2
    finally:
        os.kill(pid, signal.SIGCONT)
        await redis.aclose()
        server.stop()
