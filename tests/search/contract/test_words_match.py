"""Which products a query finds."""

import pytest

from search.words import Vocabulary
from tests.search.contract.conftest import Fill
from tests.search.contract.things import thing


async def test_every_word_must_match_somewhere(fill: Fill) -> None:
    shelf = await fill(
        [
            thing("Reading lamp", description="Made of brass."),
            thing("Floor lamp", brand="Aurora"),
            thing("Brass bell"),
        ]
    )

    assert await shelf.found("brass lamp") == ["Reading lamp"]
    assert await shelf.found("lamp aurora") == ["Floor lamp"]
    assert await shelf.found("brass lamp aurora") == []


@pytest.mark.parametrize(
    "query", ["marble", "Quarry", "home", "tables", "Cold to the touch", "polished", "granite"]
)
async def test_all_texts_are_searched(fill: Fill, query: str) -> None:
    shelf = await fill(
        [
            thing(
                "Marble run",
                brand="Quarry",
                summary="Cold to the touch.",
                description="Polished by hand.",
                categories=[(1, "Home"), (2, "Tables")],
                attributes={"material": ["Granite"]},
            ),
            thing("Something else"),
        ]
    )

    assert await shelf.found(query) == ["Marble run"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("lamp", "Table lamps"),
        ("boxes", "Box"),
        ("knitting", "Knitted cap"),
        ("women's", "Women coat"),
        ("LAMPS", "Table lamps"),
        ("ｌａｍｐ", "Table lamps"),
        ("creme", "Crème caramel"),
        ("CRÈME", "Crème caramel"),
        ("straße", "Strasse map"),
    ],
)
async def test_forms_of_a_word_are_one(fill: Fill, query: str, name: str) -> None:
    names = ["Table lamps", "Box", "Knitted cap", "Women coat", "Crème caramel", "Strasse map"]
    shelf = await fill(list(map(thing, names)))

    assert await shelf.found(query) == [name]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("灯", True),
        ("台", True),
        ("台灯", True),
        ("暮色台灯", True),
        ("色台", True),
        ("灯台", False),
        ("台灯罩", False),
        ("落地灯", False),
        ("暮色 台灯", True),
        ("台灯 暮色", True),
        ("台灯brass", True),
        ("鱼", False),
    ],
)
async def test_chinese_is_found_by_characters_and_pairs(
    fill: Fill, query: str, is_found: bool
) -> None:
    shelf = await fill([thing("Brass light", zh="暮色台灯"), thing("Chair", zh="椅子")])

    assert await shelf.found(query) == (["Brass light"] if is_found else [])


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("有机咖啡", True),  # 机咖 stands in no text, yet each character is in a pair that does
        ("降噪耳机套装", True),
        ("降噪有机耳机咖啡", True),
        ("咖啡有机", True),
        ("有机茶", False),
        ("有茶咖啡", False),
        ("机降耳机", False),
        ("咖啡机", False),
    ],
)
async def test_chinese_words_may_be_typed_as_one(fill: Fill, query: str, is_found: bool) -> None:
    shelf = await fill([thing("Things", zh="有机 耳机套装 咖啡 降噪"), thing("Chair", zh="椅子")])

    assert await shelf.found(query) == (["Things"] if is_found else [])


async def test_chinese_in_one_piece_comes_before_the_same_in_pieces(fill: Fill) -> None:
    shelf = await fill([thing("Pieces", zh="咖啡 有机"), thing("Whole", zh="有机咖啡")])

    assert await shelf.found("有机咖啡") == ["Whole", "Pieces"]


async def test_texts_of_every_language_are_searched_in_every_language(fill: Fill) -> None:
    shelf = await fill([thing("Lamp", zh="台灯"), thing("Chair")])

    assert await shelf.found("lamp", language="zh-Hans") == ["Lamp"]
    assert await shelf.found("台灯", language="en") == ["Lamp"]
    assert await shelf.found("chair", language="fr") == ["Chair"]


async def test_languages_without_an_analyser_are_found_as_written(fill: Fill) -> None:
    shelf = await fill([thing("Лампа настольная"), thing("مصباح"), thing("스탠드 조명")])

    assert await shelf.found("лампа") == ["Лампа настольная"]
    assert await shelf.found("مصباح") == ["مصباح"]
    assert await shelf.found("조명") == ["스탠드 조명"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("la", ["Lamp", "Ladder"]),
        ("lad", ["Ladder"]),
        ("oak lad", ["Ladder"]),
        ("lad oak", []),
        ("aur", ["Lamp"]),
        ("furn", ["Ladder"]),
        ("lam12", ["Lamp"]),
        ("l", []),
        ("oak l", ["Ladder"]),
        ("oak m", []),
        ("aurora l", ["Lamp"]),
        ("hidd", []),
    ],
)
async def test_the_last_word_may_be_a_beginning(fill: Fill, query: str, names: list[str]) -> None:
    shelf = await fill(
        [
            thing("Lamp", brand="Aurora", codes=["LAM-1234"], description="Hidden."),
            thing(
                "Ladder",
                categories=[(1, "Furniture")],
                attributes={"wood": ["Oak"]},
                description="Hidden.",
            ),
        ]
    )

    assert sorted(await shelf.found(query)) == sorted(names)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("teapto", True),
        ("teapoot", True),
        ("tepot", True),
        ("teapit", True),
        ("tebpit", False),
        ("beapot", False),
        ("porcelian", True),
        ("porcellain", True),
        ("porzelein", True),
        ("porzlein", False),
        ("sta", False),
        ("stoveware", True),
        ("auroar", True),
        ("kitchn", True),
        ("descriptoin", False),
        ("summray", False),
    ],
)
async def test_letters_may_be_wrong_in_long_words_only(
    fill: Fill, query: str, is_found: bool
) -> None:
    teapot = thing(
        "Porcelain teapot",
        brand="Aurora",
        summary="A summary.",
        description="A description.",
        categories=[(1, "Kitchen")],
        attributes={"material": ["Stoneware"], "kind": ["Tan"]},
    )
    shelf = await fill([teapot, thing("Chair")])

    assert await shelf.found(query) == (["Porcelain teapot"] if is_found else [])


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("backpak", "Blue"),  # of `Backpacks` two letters are wrong, of its stem one
        ("candel", "Candles"),
        ("candels", "Candles"),
        ("jackte", "Blue"),
    ],
)
async def test_forms_of_a_word_may_have_errors(fill: Fill, query: str, name: str) -> None:
    shelf = await fill(
        [
            thing("Blue", categories=[(1, "Backpacks"), (2, "Jackets")]),
            thing("Candles"),
            thing("Unlike"),
        ]
    )

    assert await shelf.found(query) == [name]


async def test_words_of_three_letters_are_taken_as_they_are(fill: Fill) -> None:
    shelf = await fill([thing("Fox"), thing("Box")])

    assert await shelf.found("fix") == []
    assert await shelf.found("fox") == ["Fox"]


@pytest.mark.parametrize("query", ["type 76", "hub8", "TYPE-75-SLITE", "type75slatr"])
async def test_numbers_and_codes_are_never_guessed(fill: Fill, query: str) -> None:
    shelf = await fill([thing("Type 75", codes=["TYPE-75-SLATE"]), thing("Hub7")])

    assert await shelf.found(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "TYPE-75-SLATE",
        "type-75-slate",
        "type75slate",
        "type 75 slate",
        "TYPE_75.SLATE",
        "ＴＹＰＥ-75-slate",
        "4006381333931",
    ],
)
async def test_a_code_finds_its_product_however_it_is_written(fill: Fill, query: str) -> None:
    keyboard = thing("Keyboard", codes=["Type-75-Slate", "4006381333931"])
    shelf = await fill([keyboard, thing("Chair")])

    assert await shelf.found(query) == ["Keyboard"]


async def test_the_product_of_a_code_comes_before_all_that_match_its_words(fill: Fill) -> None:
    shelf = await fill(
        [
            *(thing(f"Lamp 22 {word}", units_sold=500) for word in ("one", "two")),
            thing("Something", codes=["lamp-22"], in_stock=False),
        ]
    )

    assert (await shelf.found("lamp-22"))[0] == "Something"
    assert len(await shelf.found("lamp-22")) == 3


async def test_a_code_among_other_words_is_found_as_well(fill: Fill) -> None:
    shelf = await fill([thing("Keyboard", codes=["TYPE-75-SLATE"]), thing("Slate")])

    assert await shelf.found("where is type-75-slate please") == ["Keyboard"]


VOCABULARY = Vocabulary(
    stop_words=frozenset({"the", "for"}),
    synonyms={
        ("rucksack",): [("backpack",)],
        ("dutch", "oven"): [("casserole",)],
        ("casserole",): [("dutch", "oven")],
        ("移动电源",): [("充电宝",)],
    },
)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rucksack", ["Backpack", "Rucksack"]),
        ("backpack", ["Backpack"]),
        ("blue rucksack", ["Backpack"]),
        ("dutch oven", ["Dutch oven", "Casserole"]),
        ("casserole", ["Dutch oven", "Casserole"]),
        ("oven", ["Oven glove", "Dutch oven"]),
        ("移动电源", ["Power bank"]),
        ("the rucksack for the", ["Backpack", "Rucksack"]),
        ("the", ["The the"]),
        ("rucksakc", ["Rucksack"]),
    ],
)
async def test_words_that_mean_the_same_find_the_same(
    fill: Fill, query: str, names: list[str]
) -> None:
    shelf = await fill(
        [
            thing("Backpack", summary="Blue."),
            thing("Rucksack"),
            thing("Dutch oven"),
            thing("Casserole"),
            thing("Oven glove"),
            thing("Power bank", zh="充电宝"),
            thing("The the"),
        ]
    )

    assert sorted(await shelf.found(query, vocabulary=VOCABULARY)) == sorted(names)


async def test_what_was_typed_is_looked_for_with_errors_what_it_means_is_not(fill: Fill) -> None:
    shelf = await fill([thing("Backpakc"), thing("Backpack")])

    assert await shelf.found("rucksack", vocabulary=VOCABULARY) == ["Backpack"]
