"""Loops: they go on after faults, rest when there is nothing to do, and stop when told."""

import asyncio
import time

import pytest

from workers import running
from workers.running import Loop, run


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "FIRST_PAUSE_SECONDS", 0.01)


async def until_stopped(loops: list[Loop], stopping: asyncio.Event) -> float:
    began = time.monotonic()
    await asyncio.wait_for(run(loops, stopping), timeout=10)
    return time.monotonic() - began


async def test_a_loop_goes_on_after_a_fault_and_the_others_do_not_notice(caplog) -> None:
    stopping, rounds = asyncio.Event(), {"faulty": 0, "steady": 0}

    async def faulty() -> int:
        rounds["faulty"] += 1
        if rounds["faulty"] < 4:
            raise ConnectionResetError
        stopping.set()
        return 0

    async def steady() -> int:
        rounds["steady"] += 1
        return 1

    await until_stopped(
        [Loop("faulty", faulty, every=9), Loop("steady", steady, every=9)], stopping
    )

    assert rounds["faulty"] == 4
    assert rounds["steady"] > 4
    failures = [record for record in caplog.records if record.message == "round failed"]
    assert [record.loop for record in failures] == ["faulty"] * 3
    assert [record.again_in for record in failures] == [0.01, 0.02, 0.04]


async def test_a_round_that_did_something_is_followed_by_the_next_at_once() -> None:
    stopping, left = asyncio.Event(), [3, 2, 1, 0]

    async def work() -> int:
        found = left.pop(0)
        if not found:
            stopping.set()
        return found

    seconds = await until_stopped([Loop("busy", work, every=60)], stopping)

    assert left == []
    assert seconds < 5


async def test_whoever_knows_of_work_wakes_the_loop() -> None:
    stopping, rounds = asyncio.Event(), 0

    async def work() -> int:
        nonlocal rounds
        rounds += 1
        if rounds == 2:
            stopping.set()
        return 0

    loop = Loop("sleepy", work, every=60)
    waking = asyncio.get_running_loop().call_later(0.05, loop.wake.set)
    seconds = await until_stopped([loop], stopping)

    assert waking.cancelled() is False
    assert rounds == 2
    assert seconds < 5


async def test_a_round_under_way_is_finished_and_an_endless_one_is_cut_short(monkeypatch) -> None:
    monkeypatch.setattr(running, "GRACE_SECONDS", 0.3)
    stopping, finished = asyncio.Event(), []

    async def short() -> int:
        stopping.set()
        await asyncio.sleep(0.1)
        finished.append("short")
        return 0

    async def endless() -> int:
        await asyncio.sleep(60)
        finished.append("endless")
        return 0

    seconds = await until_stopped(
        [Loop("short", short, every=60), Loop("endless", endless, every=60)], stopping
    )

    assert finished == ["short"]
    assert seconds < 5
