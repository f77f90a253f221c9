"""One level at work, with fields made for the occasion."""

from typing import Any

import pytest

from engine.level import Level


class Waiting:
    """A field that has to wait for a loader; notes whether it was begun."""

    waits, size = True, 0

    def __init__(self) -> None:
        self.begun = 0

    def fill(self, *_: Any) -> Any:
        self.begun += 1
        raise AssertionError("a field was begun that nobody will await")


class Failing:
    """A field that fails at once."""

    waits, size = False, 0

    def now(self, *_: Any) -> Any:
        raise ZeroDivisionError


async def test_a_field_that_fails_at_once_leaves_no_other_field_half_begun() -> None:
    waiting = Waiting()
    fields: list[Any] = [waiting, Failing()]

    class Operation:
        context = None

    with pytest.raises(ZeroDivisionError):
        await Level(fields, lambda *_: [], 0).run([{}], Operation())  # type: ignore[arg-type]

    assert waiting.begun == 0
