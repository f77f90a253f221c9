"""Hashing beside the event loop."""

import asyncio
import time

import pytest

from auth import passwords
from auth.passwords import hashed, verify
from core.errors import Unavailable


async def test_a_hash_fits_its_password_and_no_other() -> None:
    kept = await hashed("correct horse battery")

    assert (await verify("correct horse battery", kept)).is_right
    assert not (await verify("correct horse batterie", kept)).is_right
    assert await hashed("correct horse battery") != kept


@pytest.mark.parametrize("kept", [None, "", "!", "$argon2id$broken", "$2b$12$bcrypt"])
async def test_what_is_no_hash_fits_nothing(kept: str | None) -> None:
    assert not (await verify("", kept)).is_right
    assert not (await verify("!", kept)).is_right


async def test_the_event_loop_does_not_wait_for_hashes() -> None:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - before)

    watching = asyncio.create_task(watch())
    started = time.perf_counter()
    await asyncio.gather(*(hashed("correct horse battery") for _ in range(6)))
    elapsed = time.perf_counter() - started
    watching.cancel()

    assert elapsed > 0.04
    assert longest < elapsed / 3


async def test_more_than_can_be_hashed_soon_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "MAX_WAITING", 3)

    answers = await asyncio.gather(*(hashed("x" * 8) for _ in range(5)), return_exceptions=True)

    assert [isinstance(answer, Unavailable) for answer in answers] == [False] * 3 + [True] * 2
    assert (await verify("x" * 8, await hashed("x" * 8))).is_right
