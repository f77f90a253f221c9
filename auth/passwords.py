"""Passwords as Argon2id hashes, made in a bounded pool of threads.

A hash takes tens of milliseconds and 19 MiB: the event loop must not wait for it, and a crowd of
sign-ins must not take all processors and memory.
"""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Unavailable

THREADS: Final = 2
MAX_WAITING: Final = 64  # about two seconds of work

# Source: OWASP, Password Storage Cheat Sheet: Argon2id with 19 MiB, two rounds, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_pool: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="passwords")
_waiting: Final = set[object]()


@dataclass(frozen=True, slots=True)
class Verdict:
    """better_hash: to keep instead of one that was made with older parameters."""

    is_right: bool
    better_hash: str | None = field(default=None, repr=False)


async def hashed(password: str) -> str:
    """A hash to keep.

    Raises: core.errors.Unavailable when too many passwords wait.
    """
    made: str = await _run(_hash, password)
    return made


async def verify(password: str, password_hash: str | None) -> Verdict:
    """Whether the password is the one behind a hash.

    password_hash: None when there is no account; that takes as long as a wrong password.

    Raises: core.errors.Unavailable when too many passwords wait.
    """
    verdict: Verdict = await _run(_verdict, password, password_hash)
    return verdict


async def _run(function: Callable[..., Any], *arguments: Any) -> Any:
    if len(_waiting) >= MAX_WAITING:
        raise Unavailable("Too many people sign in at the moment; try again in a few seconds.")
    place = object()
    _waiting.add(place)
    try:
        return await asyncio.get_running_loop().run_in_executor(_pool, function, *arguments)
    finally:
        _waiting.discard(place)


def _hash(password: str) -> str:
    return _HASHER.hash(_prepared(password))


def _verdict(password: str, password_hash: str | None) -> Verdict:
    kept = password_hash or ""
    is_hash = kept.startswith("$argon2")  # accounts without a password have something else there
    try:
        _HASHER.verify(kept if is_hash else _nobodys_hash(), _prepared(password))
    except (VerificationError, InvalidHashError):
        return Verdict(is_right=False)
    if not is_hash:
        return Verdict(is_right=False)
    is_old = _HASHER.check_needs_rehash(kept)
    return Verdict(is_right=True, better_hash=_hash(password) if is_old else None)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_bytes(32))


def _prepared(password: str) -> bytes:
    """The same password from every keyboard.

    Source: NIST SP 800-63B, 5.1.1.2: Unicode is normalised before it is hashed.
    """
    return unicodedata.normalize("NFKC", password).encode()
