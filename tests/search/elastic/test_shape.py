"""The index: what it takes, how it cuts texts, and when it is another one."""

from collections.abc import Sequence
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch

from core.settings import Settings
from search.elastic import shape
from search.elastic.engine import Elastic
from search.question import Need, Question
from search.words import parse
from tests.search.catalogue import DOCUMENTS, changed, id_of


async def test_the_server_has_the_shape_that_was_asked_for(
    elastic: Elastic, elasticsearch: AsyncElasticsearch, elastic_settings: Settings
) -> None:
    index = f"{shape.alias(elastic_settings.elasticsearch_index)}-first"

    mapping = (await elasticsearch.indices.get_mapping(index=index))[index]["mappings"]
    settings = (await elasticsearch.indices.get_settings(index=index))[index]["settings"]

    assert mapping["dynamic"] == "strict"
    assert {*shape.body()["mappings"]["properties"]} == {*mapping["properties"]}
    assert settings["index"]["number_of_shards"] == "1"


def test_the_alias_changes_with_the_shape_only(monkeypatch: pytest.MonkeyPatch) -> None:
    before = shape.alias("shop")

    assert before.startswith("shop-products-")
    assert shape.alias("shop") == before
    assert shape.body({"state": "ready"})["mappings"]["_meta"] == {"state": "ready"}
    assert shape.alias("other") == before.replace("shop", "other")

    monkeypatch.setitem(shape._SETTINGS, "refresh_interval", "5s")
    shape.fingerprint.cache_clear()
    after = shape.alias("shop")
    monkeypatch.undo()
    shape.fingerprint.cache_clear()

    assert after != before
    assert shape.alias("shop") == before


CUT = [
    ("english", "The Men’s 3.5mm LED-Lamps", ["the", "men", "3", "5mm", "led", "lamp"]),
    ("plain", "Men’s 3.5mm_LED", ["men's", "3", "5mm", "led"]),
    ("plain", "Ångström Straße ＬＥＤ", ["angstrom", "strasse", "led"]),
    ("plain", "手机壳", ["手", "手机", "机", "机壳", "壳"]),
    ("plain_asked", "手机壳", ["手机", "机壳"]),
    ("plain_asked", "壳", ["壳"]),
    ("english", "iPhone手机", ["iphon", "手", "手机", "机"]),
    ("plain", "LG전자 조명", ["lg전자", "조명"]),
    ("begun", "Lamp", ["l", "la", "lam", "lamp"]),
    ("begun_asked", "pneumonoultramicroscopic", ["pneumonoultramicrosc"]),
    ("code_begun", "ab-1", ["a", "ab", "ab-", "ab-1"]),
]


@pytest.mark.parametrize(("analyser", "text", "terms"), CUT)
async def test_texts_are_cut_into_terms(
    elastic: Elastic,
    elasticsearch: AsyncElasticsearch,
    elastic_settings: Settings,
    analyser: str,
    text: str,
    terms: Sequence[str],
) -> None:
    alias = shape.alias(elastic_settings.elasticsearch_index)

    answered = await elasticsearch.indices.analyze(index=alias, analyzer=analyser, text=text)

    assert [token["token"] for token in answered["tokens"]] == terms


def test_a_document_is_sent_with_all_that_is_searched() -> None:
    source = shape.source_of(changed("desk_lamp", names={"en": "Cafe\u0301 Lamp", "de": ""}))

    assert source["id"] == id_of("desk_lamp").hex == shape.id_of(id_of("desk_lamp"))
    assert source["shown"]["name"] == {"en": ["Café Lamp"]}
    assert source["whole_names"] == ["cafe lamp"]
    assert source["facts_en"] == ["Lumina", "gold", "brass", "Home", "Lamps"]
    assert source["facts_zh"] == ["家居", "灯具"]
    assert source["facts_other"] == ["Wohnen", "Leuchten"]
    assert source["codes"] == ["lmpdesk01", "4006381333931"]
    assert source["attributes"] == ["color=gold", "material=brass"]
    assert shape.moment_of(source["published_at"]) == changed("desk_lamp").published_at


def test_only_the_beginning_of_a_long_description_is_sent() -> None:
    source = shape.source_of(changed("desk_lamp", descriptions={"en": "lamp " * 10_000}))

    assert len(source["shown"]["description"]["en"][0]) == shape.DESCRIPTION_CHARACTERS


@pytest.mark.parametrize(
    ("language", "field"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("zh-Hans", "zh-Hans"),
        ("zh-Hant", "zh-Hant"),
        ("zh-TW", "zh"),
        ("zh", "zh"),
        ("de-AT", "de"),
        ("yue", "other"),
        ("x-anything", "other"),
        ("a.b*", "other"),
        ("", "other"),
    ],
)
def test_languages_share_few_fields(language: str, field: str) -> None:
    assert shape.shown_as(language) == field


async def test_a_merchant_cannot_use_up_the_fields_by_making_up_languages(
    elasticsearch: AsyncElasticsearch, elastic_settings: Settings
) -> None:
    index = f"{elastic_settings.elasticsearch_index}-languages"
    await elasticsearch.indices.create(index=index, **shape.body())
    letters = "abcdefghijklmnopqrstuvwxyz"
    languages = [f"{a}{b}{c}" for a in letters for b in letters for c in ("", "a", "-Latn-AQ")]
    everything: dict[str, Any] = dict.fromkeys(languages, "Lampe")
    document = changed("desk_lamp", names=everything, summaries=everything, descriptions=everything)

    client = elasticsearch.options(request_timeout=60)
    await client.index(index=index, document=shape.source_of(document), refresh=True)

    found = await client.count(index=index, query={"match": {"names_other": "lampe"}})
    await client.indices.delete(index=index)
    assert found["count"] == 1


async def test_fields_that_the_index_does_not_know_are_refused(
    elasticsearch: AsyncElasticsearch, elastic: Elastic, elastic_settings: Settings
) -> None:
    source = {**shape.source_of(DOCUMENTS[0]), "surprise": 1}

    answered = await elasticsearch.bulk(
        index=shape.alias(elastic_settings.elasticsearch_index),
        operations=[{"index": {"_id": "surprise"}}, source],
    )

    assert answered["errors"]
    everything = await elastic.search(Question(parse(""), needs=frozenset({Need.COUNT})))
    assert everything.total == len(DOCUMENTS)
