"""How hard new passwords are to guess: zxcvbn's judgement."""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # it brings no types

from core.errors import Unavailable
from services.factors import PasswordTooWeak

# 2 of 0 to 4: more than a million guesses; our brakes let a crowd make a hundred an hour. 3 would
# refuse eight characters however they were chosen.
ENOUGH: Final = 2
# It takes up to 20 ms for so many, and grows fast; the rest can only make a password better.
JUDGED_CHARACTERS: Final = 32
MAX_WAITING: Final = 64
WORD: Final = re.compile(r"\w{3,}")

# One thread: zxcvbn keeps the words of whoever it judges in a global.
_pool: Final = ThreadPoolExecutor(1, thread_name_prefix="strength")
_waiting: Final = set[object]()


async def check_strength(password: str, *path: str, about: Sequence[str]) -> None:
    """about: texts whose words are easy to guess for this person: address, names, the shop's.

    Raises: PasswordTooWeak; core.errors.Unavailable when too many passwords wait.
    """
    if len(_waiting) >= MAX_WAITING:
        raise Unavailable("Too many passwords are set at the moment; try again in a few seconds.")
    words = [word.lower() for text in about for word in _words(text) if word]
    place = object()
    _waiting.add(place)
    try:
        judged = await asyncio.get_running_loop().run_in_executor(
            _pool, _judge, password[:JUDGED_CHARACTERS], words
        )
    finally:
        _waiting.discard(place)
    if judged["score"] < ENOUGH:
        feedback = judged["feedback"]
        raise PasswordTooWeak(
            warning=feedback["warning"] or "", suggestions=feedback["suggestions"], path=path
        )


def _words(text: str) -> list[str]:
    """The text, what stands before an @ in it, and each word of it."""
    return [text, text.partition("@")[0], *WORD.findall(text)]


def _judge(password: str, words: list[str]) -> dict[str, Any]:
    judged: dict[str, Any] = zxcvbn(password, user_inputs=words)
    return judged
