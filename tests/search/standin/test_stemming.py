"""Stems of English words."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from search.standin.stemming import stem


@pytest.mark.parametrize(
    "forms",
    [
        ("lamp", "lamps", "lamp's"),
        ("backpack", "backpacks"),
        ("charge", "charges", "charged", "charging"),
        ("battery", "batteries"),
    ],
)
def test_forms_of_a_word_have_one_stem(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_short_words_and_those_of_other_scripts_stay() -> None:
    assert [stem(word) for word in ("", "a", "is", "灯", "лампа")] == ["", "a", "is", "灯", "лампа"]


def test_threads_do_not_disturb_one_another() -> None:
    words = [
        f"{letter}{ending}" for letter in "abcdefgh" for ending in ("ations", "ingly", "iness")
    ]
    uncached = stem.__wrapped__
    alone = [uncached(word) for word in words]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places in the middle of a word
    try:
        with ThreadPoolExecutor(8) as pool:
            together = [*pool.map(uncached, words * 50)]
    finally:
        sys.setswitchinterval(usual)

    assert together == alone * 50
