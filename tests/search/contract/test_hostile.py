"""Whatever is typed, an engine answers: never an error, never more than it should find."""

import pytest

from search.question import Need, Part
from search.words import MAX_CHARACTERS, parse
from tests.search import catalogue
from tests.search.contract.conftest import Fill
from tests.search.contract.things import thing

HOSTILE = [
    "a",
    "灯",
    " ",
    "\t\n\r\0",
    "\x00lamp\x00",
    '"',
    "'",
    '"lamp',
    "lamp'; DROP TABLE products; --",
    "lamp & ! | ( ) : * <-> <2>",
    "lamp:*",
    "lamp:ABCD",
    "!lamp",
    "-lamp",
    "+lamp -lamp",
    "lamp AND OR NOT lamp",
    "name:lamp",
    "_exists_:name",
    "(((((((((lamp",
    "lamp)))))",
    "[1 TO *]",
    "{lamp TO *}",
    "lamp~2^1000",
    "lamp/.*/",
    "/(a+)+$/",
    ".*.*.*.*.*.*",
    "*" * 100,
    "?" * 100,
    "*lamp*",
    "l?mp",
    "%lamp%",
    "_" * 100,
    "\\",
    "\\\\\\'",
    "lamp\\",
    "\ud800lamp",
    "${jndi:ldap://x}",
    "{{7*7}}",
    '{"match_all": {}}',
    "<script>alert(1)</script>",
    "<em>lamp</em>",
    "&lt;lamp&gt;",
    "💡",
    "lamp 💡 lamp",
    "👩‍👩‍👧‍👦" * 10,
    "🇨🇳",
    "ｌａｍｐ",
    "ＬＥＤ５ｍ",
    "LED灯带5米lamp",
    "檯燈",
    "مصباح مكتب",
    "מנורה",
    "\u202elamp\u202c",
    "la\u200bmp",
    "la\u00admp",
    "e\u0301" * 50,
    "\u0301\u0301\u0301",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "ﬁne ﬂannel",
    "Ⅷ ½ ² ㎏",
    "İstanbul ıi",
    "ß" * 100,
    "㍿" * 60,
    "ﷺ" * 40,
    "a" * MAX_CHARACTERS,
    "灯" * MAX_CHARACTERS,
    "1" * MAX_CHARACTERS,
    "a " * (MAX_CHARACTERS // 2),
    "ab-" * 60,
    "lamp " * 40,
    "\U0010ffff\ufffe\ufeff",
    "\ue000",
    "true",
    "null",
    "NaN Infinity -1e309",
    "9999999999999999999999999999",
    "-1",
    "0x7fffffff",
    "C++ C# .NET",
    "it's",
    "''''",
    "l'l'l'l'l",
    "o’clock o'clock",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_any_text_is_answered(fill: Fill, text: str) -> None:
    shelf = await fill(catalogue.DOCUMENTS)

    for language in ("en", "zh-Hans", "xx-Unknown"):
        answer = await shelf.ask(text, *Need, language=language)
        assert answer.engine == shelf.engine.name
        assert answer.total == len(answer.hits)
    corrected = await shelf.engine.corrected(parse(text), "en")
    assert corrected is None or corrected.groups


async def test_operators_are_no_operators(fill: Fill) -> None:
    shelf = await fill([thing("Lamp"), thing("Chair"), thing("Lamp chair")])

    assert await shelf.found("lamp OR chair") == []
    assert sorted(await shelf.found("lamp | chair")) == ["Lamp chair"]
    assert sorted(await shelf.found("lamp -chair")) == ["Lamp chair"]
    assert sorted(await shelf.found("!lamp")) == ["Lamp", "Lamp chair"]
    assert await shelf.found("l*p") == []
    assert await shelf.found("la?p") == []


async def test_any_text_may_be_a_products(fill: Fill) -> None:
    """Documents of such texts are taken, answered from, and do no harm to one another."""
    texts = [text.translate({0: None, 0xD800: None}) for text in HOSTILE]  # no text to a database
    shelf = await fill(
        [
            thing(
                f"Odd {number} {text}",
                zh=text,
                summary=text,
                description=text,
                brand=text,
                codes=[text],
                categories=[(1, text)],
                attributes={"odd": [text]},
            )
            for number, text in enumerate(texts, start=1000)
        ]
    )

    answer = await shelf.ask("odd", *Need, part=Part(100))

    assert answer.total == len(answer.hits) == len(HOSTILE)
    assert {*answer.highlights} == {hit.id for hit in answer.hits}
    assert await shelf.found("odd 1007") == [shelf.documents[7].names["en"]]
