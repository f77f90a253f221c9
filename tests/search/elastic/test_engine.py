"""What only Elasticsearch does; what both engines do is in tests/search/contract."""

from dataclasses import replace

import pytest
from elasticsearch import AsyncElasticsearch

from core.settings import Settings
from search.answer import RATING_STEPS
from search.elastic import shape
from search.elastic.choosing import _FACETS
from search.elastic.engine import Elastic
from search.question import Choices, Need, Part, Question, SortKey
from search.words import parse
from tests.search.catalogue import BRANDS, CATEGORIES, DOCUMENTS, changed, id_of, keys_of
from tests.search.elastic.filling import fill

HITS = frozenset({Need.HITS})
FACETS = frozenset({Need.FACETS})


@pytest.mark.parametrize("sort", list(SortKey))
@pytest.mark.parametrize("text", ["", "kestrel", "a"])
async def test_a_list_read_one_by_one_is_the_list(
    elastic: Elastic, sort: SortKey, text: str
) -> None:
    """Scores are numbers of 32 bits, with many places: none is lost on its way here and back."""
    question = Question(parse(text), sort=sort, part=Part(100))
    whole = (await elastic.search(question)).hits

    place, read = None, []
    while True:
        answer = await elastic.search(replace(question, part=Part(1, place)))
        read += answer.hits
        if not answer.has_more:
            break
        place = answer.hits[-1].place

    assert read == whole
    assert len({hit.id for hit in read}) == len(read)


async def test_choices_beyond_the_listed_values_of_a_facet_are_counted(
    elastic: Elastic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The most frequent values are listed; one that is chosen is there in any case."""
    only_one = {"brands": {"terms": {"field": "brand_id", "size": 1}}}
    monkeypatch.setattr("search.elastic.choosing._FACETS", {**_FACETS, **only_one})
    rare = BRANDS["Lumina"]
    choices = Choices(brands=frozenset({rare}))

    answer = await elastic.search(Question(parse(""), choices, needs=FACETS))

    assert answer.facets is not None
    assert answer.facets.brands == {BRANDS["Kestrel"]: 12, rare: 5}


async def test_a_slug_is_not_an_expression(elastic: Elastic) -> None:
    choices = Choices(attributes={".*": frozenset({"brass"}), "c.lor": frozenset({"red"})})

    answer = await elastic.search(Question(parse(""), choices, needs=FACETS))

    assert answer.facets is not None
    assert answer.facets.attributes == {}


@pytest.mark.parametrize(
    "slug", ["x" * 5_000, "\\", "\\E", "a" * 999 + "*", "", "=", "[[:alpha:]]"]
)
async def test_any_slug_is_answered(elastic: Elastic, slug: str) -> None:
    choices = Choices(attributes={slug: frozenset({"red"})})

    answer = await elastic.search(Question(parse(""), choices, needs=frozenset(Need)))

    assert (answer.total, answer.hits) == (0, [])


async def test_a_misspelled_word_is_marked_where_it_was_found(elastic: Elastic) -> None:
    question = Question(parse("kestrle phnoe"), needs=frozenset({Need.HITS, Need.HIGHLIGHTS}))

    answer = await elastic.search(question)

    assert answer.highlights[id_of("phone")]["name"] == [
        "<em>Kestrel</em> One <em>Phone</em> 128 GB"
    ]


async def test_chinese_is_marked_in_one_piece_and_markup_is_shown_as_text(
    elastic: Elastic,
) -> None:
    needs = frozenset({Need.HITS, Need.HIGHLIGHTS})

    chinese = await elastic.search(Question(parse("手机壳"), language="zh-Hans", needs=needs))
    markup = await elastic.search(Question(parse("sugar fire"), needs=needs))

    assert chinese.highlights[id_of("phone_case")]["name"] == ["<em>手机壳</em>"]
    assert markup.highlights[id_of("creme_brulee_set")]["description"] == [
        "“<em>Sugar</em> &amp; <em>fire</em>” &lt;for&gt; patient cooks."
    ]


async def test_a_long_description_is_marked_at_most_in_160_characters(
    elasticsearch: AsyncElasticsearch, elastic_settings: Settings
) -> None:
    own = elastic_settings.model_copy(
        update={"elasticsearch_index": f"{elastic_settings.elasticsearch_index}-long"}
    )
    texts = {
        "en": "never ending " * 150 + "unicorn " + "never ending " * 150,
        "zh-Hans": "无" * 2_000 + "独角兽" + "尽" * 2_000,
    }
    await fill(elasticsearch, own.elasticsearch_index, [changed("desk_lamp", descriptions=texts)])
    engine = Elastic(elasticsearch, own)

    for text, language in (("unicorn", "en"), ("独角兽", "zh-Hans")):
        needs = frozenset({Need.HITS, Need.HIGHLIGHTS})
        answer = await engine.search(Question(parse(text), language=language, needs=needs))

        [[fragment]] = [shown["description"] for shown in answer.highlights.values()]
        assert f"<em>{text}</em>" in fragment
        assert len(fragment.replace("<em>", "").replace("</em>", "")) <= 160


async def test_words_of_products_that_are_gone_are_not_proposed(
    elasticsearch: AsyncElasticsearch, elastic_settings: Settings
) -> None:
    """The index keeps words of deleted documents until it tidies up."""
    own = elastic_settings.model_copy(
        update={"elasticsearch_index": f"{elastic_settings.elasticsearch_index}-gone"}
    )
    secret = changed("phone", names={"en": "Secretphone"})
    await fill(elasticsearch, own.elasticsearch_index, [secret, changed("desk_lamp")])
    engine = Elastic(elasticsearch, own)
    before = await engine.corrected(parse("secretphnoe"), "en")

    await elasticsearch.delete(
        index=shape.alias(own.elasticsearch_index),
        id=shape.id_of(secret.product_id),
        refresh=True,
    )

    assert before is not None
    assert before.text == "secretphone"
    assert await engine.corrected(parse("secretphnoe"), "en") is None


async def test_the_whole_shop_is_counted_by_hand_and_by_facets_alike(elastic: Elastic) -> None:
    answer = await elastic.search(Question(parse(""), needs=FACETS))

    assert answer.facets is not None
    assert answer.facets.brands == {
        brand: sum(document.brand_id == brand for document in DOCUMENTS)
        for brand in BRANDS.values()
    }
    assert answer.facets.categories == {
        category: sum(category in document.category_ids for document in DOCUMENTS)
        for category in CATEGORIES.values()
    }
    assert answer.facets.availability == {True: 36, False: 4}
    assert answer.facets.ratings == {
        step: sum(document.rating >= step for document in DOCUMENTS) for step in RATING_STEPS
    }
    assert sum(answer.facets.prices.values()) == len(DOCUMENTS)
    assert answer.facets.attributes["material"]["leather"] == 3


async def test_an_empty_part_is_asked_for_nothing(elastic: Elastic) -> None:
    answer = await elastic.search(Question(parse("lamp"), part=Part(0), needs=HITS))

    assert answer.hits == []
    assert answer.has_more
    assert keys_of(answer.hits) == []


async def test_vowel_signs_belong_to_their_word(
    elasticsearch: AsyncElasticsearch, elastic_settings: Settings
) -> None:
    own = elastic_settings.model_copy(
        update={"elasticsearch_index": f"{elastic_settings.elasticsearch_index}-signs"}
    )
    names = {"en": "Lamp", "hi": "हिन्दी दीपक", "he": "מְנוֹרָה"}
    await fill(elasticsearch, own.elasticsearch_index, [changed("desk_lamp", names=names)])
    engine = Elastic(elasticsearch, own)

    for text, is_found in (("हिन्दी", True), ("दीपक", True), ("מְנוֹרָה", True), ("ह", False)):
        answer = await engine.search(Question(parse(text)))

        assert (answer.hits != []) == is_found, text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("umina lamp", "lumina lamp"),
        ("ketlte", "kettle"),
        ("sheel kettle", "steel kettle"),
        ("korpholes headphones", None),
        ("lmp", None),
        ("kestrel 128", None),
    ],
)
async def test_a_correction_looks_farther_than_a_search(
    elastic: Elastic, typed: str, meant: str | None
) -> None:
    words = await elastic.corrected(parse(typed), "en")

    assert (words and words.text) == meant
