"""Brakes: how often somebody may try what strangers try too.

Three counts, each a sliding window: of the address (whatever account it tries), of the account
tried from that address, and of the account from everywhere. The last one is what stops a guessing
crowd, and what a stranger could use to keep the owner out; therefore

- it does not count for an address from which the account was entered in the last month: `passed`
  remembers that, for the rule that it is of. Who signs in from where they always do is out of a
  stranger's reach; what is answered alike for everybody is braked alike for everybody, too;
- what was refused is not counted, so the first try is free again when the oldest one is a window
  old, however hard somebody knocks;
- it brakes guesses only: sign-ins that are open stay so, and passkeys are tried without an account.

What succeeds is taken back from the counts: only failures fill them, and a whole school behind one
address may sign in. Somebody with an account of their own gains no guesses by signing in to it.

The counts are kept in Valkey, in one round trip. Without it each process counts by itself, a
quarter of what the rule allows, and everybody's tries together: there is always a limit.
"""

import asyncio
import hashlib
import time
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from redis.asyncio import Redis

from auth.windows import Limit, LocalWindows
from core.errors import Shown
from core.identity import client
from core.redis import FAULTS

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
KNOWN_SECONDS: Final = 30 * 24 * HOUR
NETWORK_BITS: Final = 64  # of an IPv6 address: what one customer of a provider has at least
PATIENCE_SECONDS: Final = 0.25  # with Valkey, for one answer
WITHOUT_VALKEY_SECONDS: Final = 5.0  # after a fault, before it is asked again


@dataclass(frozen=True, slots=True)
class Rule:
    """What is counted together. pair: an account tried from one address."""

    name: str
    address: Limit
    pair: Limit
    account: Limit


def _rule(name: str, *, address: int, pair: int, account: Limit, seconds: int) -> Rule:
    return Rule(name, Limit(address, seconds), Limit(pair, seconds), account)


# A hundred wrong passwords an hour: OWASP ASVS 4.0, 2.2.1.
SIGN_IN: Final = _rule("sign-in", address=60, pair=10, account=Limit(100, HOUR), seconds=5 * MINUTE)
SECOND_FACTOR: Final = _rule(
    "second-factor", address=30, pair=5, account=Limit(10, 15 * MINUTE), seconds=5 * MINUTE
)
TOKEN: Final = _rule("token", address=600, pair=120, account=Limit(600, MINUTE), seconds=MINUTE)
REGISTER: Final = _rule("register", address=30, pair=5, account=Limit(10, HOUR), seconds=HOUR)
RESET: Final = _rule("reset", address=20, pair=5, account=Limit(5, HOUR), seconds=HOUR)
MAIL: Final = _rule("mail", address=30, pair=10, account=Limit(10, HOUR), seconds=HOUR)
ORDER_LOOKUP: Final = _rule(
    "order-lookup", address=30, pair=10, account=Limit(60, HOUR), seconds=5 * MINUTE
)
# No guesses, but anybody may send them. A call has up to 50 events.
TRACKING: Final = _rule(
    "tracking", address=1_200, pair=120, account=Limit(240, MINUTE), seconds=MINUTE
)


class Throttled(Shown):
    """Too many tries; `retry_after` seconds from now there is room for one."""

    code = "THROTTLED"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many tries. Try again in {retry_after} seconds.")
        self.retry_after = retry_after
        self.facts = {"retryAfter": retry_after}


@dataclass(frozen=True, slots=True)
class _Try:
    """The counts that one try belongs to; the account's come after the address's."""

    windows: list[tuple[str, Limit]]
    known_key: str

    @classmethod
    def of(cls, rule: Rule, account: str | None) -> "_Try":
        """By hashes: the keys tell nobody who tries to sign in from where."""
        whence, start = network(client.get().address), f"brakes:{rule.name}"
        windows = [(f"{start}:address:{_hash(whence)}", rule.address)]
        if account is None:
            return cls(windows, "")
        who = account.strip().casefold()
        pair = _hash(f"{who} {whence}")
        windows.append((f"{start}:pair:{pair}", rule.pair))
        windows.append((f"{start}:account:{_hash(who)}", rule.account))
        return cls(windows, f"{start}:known:{pair}")


class Brakes:
    """One per process. Whoever is slowed down by these is told when to come again."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(_COUNT)
        self._redis = redis
        self._local = LocalWindows()
        self._valkey_again = 0.0

    async def check(self, rule: Rule, account: str | None = None) -> None:
        """Count one try of the client, before it is known whether it succeeds.

        account: what is tried: an e-mail address, an order's number; None: only the address counts.

        Raises: Throttled.
        """
        tried = _Try.of(rule, account)
        wait = await self._counted(tried)
        if wait is None:
            wait = self._local.count(rule.name, tried.windows)
        if wait > 0:
            raise Throttled(max(1, round(wait + 0.5)))

    async def passed(self, rule: Rule, account: str | None = None) -> None:
        """The try that was checked last has succeeded: it was no guess, and counts no more."""
        tried = _Try.of(rule, account)
        self._local.take_back(tried.windows)
        if time.monotonic() < self._valkey_again:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._redis.pipeline(False) as pipeline:
                for key, _ in tried.windows:
                    pipeline.zpopmax(key)
                if tried.known_key:
                    pipeline.set(tried.known_key, 1, ex=KNOWN_SECONDS)
                await pipeline.execute()
        except FAULTS:
            self._valkey_again = time.monotonic() + WITHOUT_VALKEY_SECONDS

    def forget(self) -> None:
        """Begin anew with what this process remembers, whatever Valkey has."""
        self._local = LocalWindows()
        self._valkey_again = 0.0

    async def _counted(self, tried: _Try) -> float | None:
        """Seconds until there is room, 0 when there was; None when Valkey does not answer."""
        if time.monotonic() < self._valkey_again:
            return None
        keys = [tried.known_key, *(key for key, _ in tried.windows)]
        limits = [number for _, limit in tried.windows for number in limit]
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return int(await self._script(keys=keys, args=limits)) / 1000
        except FAULTS:
            self._valkey_again = time.monotonic() + WITHOUT_VALKEY_SECONDS
            return None


def network(address: str) -> str:
    """What counts as one address: of IPv6 the network of a whole household or server."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, NETWORK_BITS), strict=False))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# A window is a sorted set of the tries in it: as many as its limit at most, for none is added
# beyond. All windows are looked at before any is changed. Times are the server's, in milliseconds.
_COUNT: Final = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local is_known = KEYS[1] ~= '' and redis.call('EXISTS', KEYS[1]) == 1
local count = #KEYS - 1
if is_known and count == 3 then count = 2 end
local wait = 0
for n = 1, count do
    local limit, window = tonumber(ARGV[2 * n - 1]), ARGV[2 * n] * 1000
    redis.call('ZREMRANGEBYSCORE', KEYS[n + 1], '-inf', ms - window)
    if redis.call('ZCARD', KEYS[n + 1]) >= limit then
        local oldest = redis.call('ZRANGE', KEYS[n + 1], 0, 0, 'WITHSCORES')
        wait = math.max(wait, oldest[2] + window - ms)
    end
end
if wait > 0 then return wait end
for n = 1, count do
    local member = now[1] .. '.' .. now[2] .. '.' .. redis.call('ZCARD', KEYS[n + 1])
    redis.call('ZADD', KEYS[n + 1], ms, member)
    redis.call('PEXPIRE', KEYS[n + 1], ARGV[2 * n] * 1000)
end
return 0
"""
