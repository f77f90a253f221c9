"""What somebody typed, taken apart."""

import pytest

from core.errors import BadUserInput
from search.words import MAX_WORDS, Kind, Vocabulary, Word, code_of, normalised, parse, pieces


def texts(query: str, vocabulary: Vocabulary | None = None) -> list[str]:
    words = parse(query, vocabulary) if vocabulary else parse(query)
    return [group.text for group in words.groups]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Red  Shoes", ["red", "shoes"]),
        ("Crème brûlée", ["creme", "brulee"]),
        ("ＬＡＭＰ　２", ["lamp", "2"]),
        ("红色连衣裙 dress", ["红色连衣裙", "dress"]),
        ("iPhone手机壳", ["iphone", "手机壳"]),
        ("don't", ["don't"]),
        ('"oak" AND (lamp OR chair)* -wool', ["oak", "and", "lamp", "or", "chair", "wool"]),
        ("مصباح أحمر", ["مصباح", "أحمر"]),
        ("हिन्दी किताब", ["हिन्दी", "किताब"]),
        ("מְנוֹרָה", ["מְנוֹרָה"]),
        ("\u0301\u0301", []),
        ("😀 lamp", ["lamp"]),
        ("", []),
        ("   ", []),
        ("*", []),
        ("_.*\\", []),
    ],
)
def test_words_are_what_stands_between_other_signs(typed: str, words: list[str]) -> None:
    assert texts(typed) == words


def test_only_the_last_word_may_be_a_beginning() -> None:
    assert [group.is_prefix for group in parse("red woollen sca").groups] == [False, False, True]


@pytest.mark.parametrize(
    ("word", "edits"),
    [("lamp", 0), ("lamps", 1), ("lanterns", 2), ("ab12", 0), ("连衣裙裙裙", 0), ("2000", 0)],
)
def test_short_words_numbers_and_chinese_must_be_right(word: str, edits: int) -> None:
    assert pieces(word)[0].edits == edits


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("AB-12/3", {"ab123"}),
        ("ab 12 3", {"ab123"}),
        ("lamp AB-12", {"lampab12", "ab12"}),
        ("4006381333931", {"4006381333931"}),
        ("lamp", {"lamp"}),
        ("Läufer-Schuhe", {"lauferschuhe"}),
        ("?!", set()),
    ],
)
def test_a_query_may_be_a_sku_with_other_separators(typed: str, codes: set[str]) -> None:
    assert parse(typed).codes == codes
    assert code_of("Ab-12 /3") == "ab123"


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    vocabulary = Vocabulary(stop_words=frozenset({"the", "for"}))

    assert texts("the lamp for reading", vocabulary) == ["lamp", "reading"]
    assert texts("the for", vocabulary) == ["the", "for"]


def test_the_longest_phrase_that_has_synonyms_is_widened() -> None:
    vocabulary = Vocabulary(
        synonyms={
            ("tv",): [("television",), ("flat", "screen")],
            ("tv", "stand"): [("media", "console")],
        }
    )

    groups = parse("tv stand oak", vocabulary).groups

    assert [
        [tuple(word.text for word in phrase) for phrase in each.alternatives] for each in groups
    ] == [
        [("tv", "stand"), ("media", "console")],
        [("oak",)],
    ]
    assert [each.text for each in parse("tv", vocabulary).groups] == ["tv"]
    assert len(parse("tv", vocabulary).groups[0].alternatives) == 3


def test_a_word_can_be_taken_away() -> None:
    words = parse("red oak lamp")

    assert words.without(1).text == "red lamp"
    assert [group.text for group in words.without(1).groups] == ["red", "lamp"]


def test_kinds_are_told_apart() -> None:
    assert pieces("lamp 灯 e27") == [
        Word("lamp", Kind.WORD),
        Word("灯", Kind.HAN),
        Word("e27", Kind.NUMBER),
    ]


def test_only_so_many_words_count() -> None:
    assert len(parse("a " * 90).groups) == MAX_WORDS


def test_a_query_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadUserInput, match="at most 200 characters"):
        parse("lamp " * 2000)


def test_normalising_twice_changes_nothing() -> None:
    for text in ("Ｓtraße", "ﬁne  Crème", "İstanbul", "ΑΣΣ", "红色"):
        assert normalised(normalised(text)) == normalised(text)
