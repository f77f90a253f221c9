"""Totals, counts of several questions, corrections and highlights."""

import html
import re

import pytest

from search.answer import COUNT_LIMIT
from search.question import Choices, Need, Question
from search.words import parse
from tests.search import catalogue
from tests.search.contract.conftest import Fill
from tests.search.contract.things import thing


async def test_several_questions_are_counted_at_once(fill: Fill) -> None:
    shelf = await fill(catalogue.DOCUMENTS)
    kitchen = Choices(categories=frozenset({catalogue.CATEGORIES["kitchen"]}))

    counts = await shelf.engine.counts(
        [
            Question(parse("knife"), kitchen),
            Question(parse("")),
            Question(parse("nothing at all")),
            Question(parse("knife"), Choices(in_stock=False)),
        ]
    )

    assert counts == [await shelf.total("knife", choices=kitchen), 40, 0, 0]
    assert counts[0] == 3
    assert await shelf.engine.counts([]) == []


async def test_a_total_is_exact_up_to_its_limit(fill: Fill) -> None:
    just_enough = [thing(f"Lamp {number}") for number in range(COUNT_LIMIT)]
    shelf = await fill(just_enough)
    assert await shelf.total("lamp") == COUNT_LIMIT

    shelf = await fill([*just_enough, thing("Lamp"), thing("Lamp")])

    assert await shelf.total("lamp") == COUNT_LIMIT + 1
    assert await shelf.total() == COUNT_LIMIT + 1
    assert await shelf.engine.counts([Question(parse("lamp"))]) == [COUNT_LIMIT + 1]


async def test_the_engine_says_who_it_is_and_how_long_it_took(fill: Fill) -> None:
    shelf = await fill([thing("Lamp")])

    answer = await shelf.ask("lamp")

    assert answer.engine == shelf.engine.name
    assert 0 <= answer.took_ms < 10_000


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("porcelan teapto", "porcelain teapot"),
        ("teapto", "teapot"),
        ("blue teapto", "blue teapot"),
        ("teapot", None),
        ("blue", None),
        ("xylophone", None),
        ("", None),
        ("12345", None),
        ("茶壶", None),
    ],
)
async def test_unknown_words_are_corrected(fill: Fill, typed: str, corrected: str | None) -> None:
    shelf = await fill(
        [thing("Porcelain teapot", zh="瓷茶壶"), thing("Blue chair"), thing("Teapot, blue")]
    )

    words = await shelf.engine.corrected(parse(typed), "en")

    assert (words and words.text) == corrected
    if words:
        assert await shelf.total(words.text) != 0


async def test_a_fragment_shows_what_was_found_and_where(fill: Fill) -> None:
    shelf = await fill(
        [
            thing(
                "Brass lamp",
                zh="黄铜台灯",
                summary="A chair beside it?",
                description="So it stood. " * 30 + "The lamp turns. " + "And so on. " * 30,
            )
        ]
    )

    answer = await shelf.ask("lamps", Need.HITS, Need.HIGHLIGHTS)

    [shown] = answer.highlights.values()
    assert shown["name"] == ["Brass <em>lamp</em>"]
    assert "summary" not in shown
    [fragment] = shown["description"]
    assert "<em>lamp</em>" in fragment
    assert len(re.sub(r"</?em>", "", fragment)) <= 200


async def test_fragments_are_in_the_callers_language_or_in_english(fill: Fill) -> None:
    shelf = await fill([thing("Brass lamp", zh="黄铜台灯"), thing("Steel lamp")])

    async def shown(text: str, language: str) -> dict[str, list[str]]:
        answer = await shelf.ask(text, Need.HITS, Need.HIGHLIGHTS, language=language)
        return {
            shelf.name(product_id): list(fields["name"])
            for product_id, fields in answer.highlights.items()
            if "name" in fields
        }

    assert await shown("台灯", "zh-Hans") == {"Brass lamp": ["黄铜<em>台灯</em>"]}
    assert (await shown("steel", "zh-Hans")) == {"Steel lamp": ["<em>Steel</em> lamp"]}
    assert (await shown("steel", "fr")) == {"Steel lamp": ["<em>Steel</em> lamp"]}


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> lamp",
        "<em>lamp</em>",
        "&lt;b&gt; lamp",
        'a "lamp" <img src=x onerror=y>',
    ],
)
async def test_fragments_are_safe_html(fill: Fill, name: str) -> None:
    shelf = await fill([thing(name, summary=name, description=f"{name} {'x y ' * 100}")])

    answer = await shelf.ask("lamp", Need.HITS, Need.HIGHLIGHTS)

    [shown] = answer.highlights.values()
    for fragments in shown.values():
        for fragment in fragments:
            text = fragment.replace("<em>", "").replace("</em>", "")
            assert "<" not in text
            assert ">" not in text
    text = shown["name"][0].replace("<em>", "").replace("</em>", "")
    assert html.unescape(text) == name


async def test_without_words_nothing_is_highlighted(fill: Fill) -> None:
    shelf = await fill([thing("Lamp")])

    answer = await shelf.ask("", Need.HITS, Need.HIGHLIGHTS)

    assert not any(answer.highlights.values())
