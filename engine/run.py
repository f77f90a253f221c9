"""Several branches in one task: the runner that lets all branches of an operation advance together.

A task per field would cost more than most fields do. A branch is a coroutine stepped by hand: it
ends, or yields WAIT (it needs keys that a loader does not know yet), or waits for something else,
for example the database driver; that is passed on to the event loop at once, while the other
branches rest, so that time-outs and cancellation work as usual.
"""

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from types import coroutine
from typing import Any

from core.batch import WAIT, Batch

Branch = Coroutine[Any, Any, Any]


@dataclass(slots=True)
class Operation:
    """What the fields of one running operation share."""

    context: Any
    variables: Any
    faults: tuple[type[Exception], ...]
    note: Callable[[Exception, str], None]  # (why, where): a field goes to graphql-core's executor
    has_failed: bool = False


def passed_on(branch: Branch, signal: Any) -> Generator[Any, Any, bool]:
    """Pass on what a branch waits for, until it waits for a loader (True) or ends (False)."""
    try:
        while signal is not WAIT:
            try:
                yield signal
            except BaseException as error:  # noqa: BLE001 - cancellation belongs to the branch
                signal = branch.throw(error)
            else:
                signal = branch.send(None)
    except StopIteration:
        return False
    return True


@coroutine
def together(branches: list[Branch]) -> Generator[Any, Any, None]:
    """Run branches until all have ended; they wait for loaders at the same time, and as one."""
    waiting = branches
    try:
        while waiting:
            still = []
            for branch in waiting:
                try:
                    signal = branch.send(None)
                except StopIteration:
                    continue
                if signal is WAIT or (yield from passed_on(branch, signal)):
                    still.append(branch)
            waiting = still
            if waiting:
                yield WAIT
    except BaseException:
        for branch in waiting:  # those not begun would warn, those begun must run their `finally`
            branch.close()
        raise


@coroutine
def drive(branch: Branch, batch: Batch) -> Generator[Any, Any, None]:
    """Run an operation in the current task; whenever no branch can go on, send the batch."""
    batch.driven = True
    try:
        while True:
            try:
                signal = branch.send(None)
            except StopIteration:
                return
            if signal is not WAIT and not (yield from passed_on(branch, signal)):
                return
            yield from batch.send().__await__()
    finally:
        batch.driven = False
