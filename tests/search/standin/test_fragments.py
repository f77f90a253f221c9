"""What is shown of texts in which words were found."""

from typing import Any

import pytest

from search.standin.highlights import CHARACTERS, highlighted, sought
from search.words import Vocabulary, parse


def shown(text: str, language: str = "en", **document: Any) -> dict[str, list[str]]:
    texts = {"names": {}, "summaries": {}, "descriptions": {}} | document
    found = highlighted(texts, sought(parse(text), {}), language)
    return {field: list(fragments) for field, fragments in found.items()}


@pytest.mark.parametrize(
    ("text", "name", "marked"),
    [
        ("lamp", "Brass lamps", "Brass <em>lamps</em>"),
        ("creme", "Crème fraîche", "<em>Crème</em> fraîche"),
        ("fraîche", "Creme fraiche", "Creme <em>fraiche</em>"),
        ("LED", "ｌｅｄ strip", "<em>ｌｅｄ</em> strip"),
        ("tea lam", "Tea lampshade", "<em>Tea</em> <em>lampshade</em>"),
        ("women's", "Women’s coat", "<em>Women’s</em> coat"),
        ("护眼台灯", "护眼台灯罩", "<em>护眼台灯</em>罩"),
        ("灯", "灯和灯", "<em>灯</em>和<em>灯</em>"),
        ("台灯", "LED台灯 5m", "LED<em>台灯</em> 5m"),
        ("5m", "LED灯带5M", "LED灯带<em>5M</em>"),
        ("हिन्दी", "नई हिन्दी किताब", "नई <em>हिन्दी</em> किताब"),
        ("a.b", "axb a&b", "axb <em>a</em>&amp;<em>b</em>"),
    ],
)
def test_words_are_marked_as_they_are_found(text: str, name: str, marked: str) -> None:
    assert shown(text, names={"en": name}) == {"name": [marked]}


def test_beginnings_are_marked_in_short_texts_only() -> None:
    found = shown("lam", names={"en": "Lamp"}, descriptions={"en": "A lamp."})

    assert found == {"name": ["<em>Lamp</em>"]}


def test_synonyms_and_words_meant_are_marked_as_well() -> None:
    vocabulary = Vocabulary(synonyms={("rucksack",): [("backpack",)]})
    words = sought(parse("rucksack ketle", vocabulary), {"ketle": ["kettle"]})
    texts = {"names": {"en": "Backpack, Kettle"}, "summaries": {}, "descriptions": {}}

    found = highlighted(texts, words, "en")

    assert found == {"name": ["<em>Backpack</em>, <em>Kettle</em>"]}


@pytest.mark.parametrize("where", [0, 500, 1_900])
def test_a_fragment_is_short_and_has_what_was_found(where: int) -> None:
    words = ["filler"] * 300
    words[where * 300 // 2_100] = "lamp"

    [fragment] = shown("lamp", descriptions={"en": " ".join(words)})["description"]

    plain = fragment.replace("<em>", "").replace("</em>", "")
    assert "<em>lamp</em>" in fragment
    assert len(plain) <= CHARACTERS
    assert set(plain.split()) <= {"filler", "lamp"}


def test_a_fragment_of_chinese_is_cut_anywhere() -> None:
    [fragment] = shown("台灯", "zh-Hans", summaries={"zh-Hans": "字" * 400 + "台灯" + "字" * 400})[
        "summary"
    ]

    assert "<em>台灯</em>" in fragment
    assert len(fragment) <= CHARACTERS + len("<em></em>")


def test_a_very_long_word_is_shown_whole_or_not_at_all() -> None:
    [fragment] = shown("lamp" * 49, summaries={"en": "a " + "lamp" * 49 + " b"})["summary"]

    assert fragment.count("<em>") == fragment.count("</em>")


def test_the_text_of_another_language_is_not_shown_for_ones_own() -> None:
    texts = {"names": {"en": "Lamp", "zh-Hans": "台灯"}}

    assert shown("lamp", "zh-Hans", **texts) == {}
    assert shown("lamp", "de", **texts) == {"name": ["<em>Lamp</em>"]}
