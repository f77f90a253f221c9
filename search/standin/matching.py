"""Words as queries of lexemes: what must match, and what makes a product fit better.

Everything is put together out of quoted lexemes; nothing that anybody types is an operator.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final

from search.documents import ENGLISH
from search.standin import lexemes
from search.standin.lexemes import quoted
from search.words import Group, Kind, Phrase, Word, Words, pieces

Near = Mapping[str, Sequence[str]]  # a word typed -> known words that may have been meant
NOTHING_NEAR: Final[Near] = {}
BEGUN_FROM: Final = 2  # letters, of a word that stands alone
# What PostgreSQL's rank makes of one match of full weight, per thing looked for.
_ONE_MATCH: Final = 0.6079271


def any_of(queries: Iterable[str]) -> str:
    return _joined(queries, "|")


def all_of(queries: Iterable[str]) -> str:
    return _joined(queries, "&")


def _joined(queries: Iterable[str], operator: str) -> str:
    parts = list(queries)
    return parts[0] if len(parts) == 1 else f"({f' {operator} '.join(parts)})"


def matched(words: Words, near: Near) -> str:
    """All groups, or a code; without words, everything."""
    if words.is_empty:
        return quoted(lexemes.EVERYTHING)
    groups = all_of(_groups(words, near))
    codes = sorted(filter(lexemes.is_code, words.codes))
    return any_of([groups, *(quoted(f"{lexemes.CODE}{code}") for code in codes)])


def as_typed(words: Words) -> str:
    """All groups without typing errors, in `terms` as well as in `ranked`. Not for empty words."""
    *groups, last = _groups(words, NOTHING_NEAR)
    word = begun(words)
    return all_of([*groups, any_of([last, _beginning(word)]) if word else last])


def begun(words: Words) -> Word | None:
    """The last word typed, if it may be the beginning of one: a single letter only after others."""
    if not words.groups or not words.groups[-1].is_prefix:
        return None
    typed = words.groups[-1].alternatives[0]
    is_alone = len(words.groups) == len(typed) == 1
    fewest = BEGUN_FROM if is_alone else 1
    return typed[-1] if typed[-1].kind is not Kind.HAN and len(typed[-1].text) >= fewest else None


def one_word(word: Word, *, is_begun: bool) -> str:
    """A product that has the word, or, begun, one that begins so."""
    return matched(Words(word.text, (Group(((word,),), is_prefix=is_begun),)), NOTHING_NEAR)


def _groups(words: Words, near: Near) -> list[str]:
    last = begun(words)
    return [
        _group(group, near, last if n == len(words.groups) else None)
        for n, group in enumerate(words.groups, start=1)
    ]


def _group(group: Group, near: Near, last: Word | None) -> str:
    """last: the word that may be the beginning of one."""
    typed, *others = group.alternatives
    first = all_of(
        any_of(
            [
                *_word(word),
                *([_beginning(last, lexemes.WHOLE_WORD)] if last and n == len(typed) else ()),
                *(quoted(f"{lexemes.WHOLE_WORD}{other}") for other in near.get(word.text, ())),
            ]
        )
        for n, word in enumerate(typed, start=1)
    )
    return any_of([first, *map(_phrase, others)])


def _phrase(phrase: Phrase) -> str:
    return all_of(any_of(_word(word)) for word in phrase)


def _word(word: Word) -> list[str]:
    if word.kind is Kind.HAN:
        return [_covering([quoted(pair) for pair in lexemes.han(word)])]
    return [quoted(each) for each in dict.fromkeys((lexemes.plain(word), lexemes.stemmed(word)))]


def _covering(pairs: Sequence[str]) -> str:
    """Each character of a Chinese word is in a pair that is found.

    Words are written without spaces: of two that somebody typed as one, the pair in the middle is
    in no product.
    """
    either = (any_of(two) for two in pairwise(pairs[1:-1]))
    return all_of([*dict.fromkeys((pairs[0], pairs[-1])), *either])


def _beginning(word: Word, mark: str = "") -> str:
    return f"{quoted(f'{mark}{lexemes.plain(word)}')}:*"


def ranked(words: Words, near: Near, language: str) -> tuple[str, float]:
    """What is looked for in `ranked`, and what makes 1 of a match of full weight.

    Of a word and its beginning PostgreSQL looks for one only: the beginning, which finds both.
    """
    looked_for = dict.fromkeys(_signs(words, near, language))  # a set that keeps the order
    queries = {sign: quoted(sign) for sign in looked_for}
    if last := begun(words):
        queries[lexemes.plain(last)] = _beginning(last)
    return any_of(queries.values()), len(queries) / _ONE_MATCH


def _signs(words: Words, near: Near, language: str) -> Iterator[str]:
    for group in words.groups:
        for word in chain.from_iterable(group.alternatives):
            yield from _of_word(word, language)
        for word in group.alternatives[0]:
            yield from near.get(word.text, ())
    typed = pieces(words.text)
    for each in (language, ENGLISH):
        yield from lexemes.neighbours(typed, each)
    yield lexemes.whole_name(typed)


def _of_word(word: Word, language: str) -> list[str]:
    if word.kind is Kind.HAN:
        return lexemes.han(word)
    return [lexemes.plain(word), lexemes.stemmed(word), lexemes.in_language(word, language)]
