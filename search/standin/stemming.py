"""Stems of English words, in one way for documents, questions and highlights."""

import threading
from functools import lru_cache
from typing import Final

import snowballstemmer


class _English(threading.local):
    """A stemmer remembers the word it is at: one for each thread."""

    def __init__(self) -> None:
        self.stemmer = snowballstemmer.stemmer("english")


_ENGLISH: Final = _English()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What a word has in common with its other forms; not always a word itself.

    word: in small letters; an apostrophe may be in it.
    """
    stemmed: str = _ENGLISH.stemmer.stemWord(word)
    return stemmed
