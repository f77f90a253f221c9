"""What the index of products looks like: settings, mapping, and a document as it is sent.

The texts that people read stand below `shown`, a field for each language: highlights come from
there. They are copied into the fields that are searched, which are few and always the same: names,
facts (brand, categories, attributes), summaries and descriptions, each in English, Chinese and
other; `text` has all of them. Typing errors are looked for in `spelled` (names and facts),
`stems` (the same, in English) and `names_spelled`, beginnings of words in `names_begun`,
`facts_begun` and `codes.begun`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson

from search.documents import ANALYSED, CHINESE, ENGLISH, OTHER, Document, Texts, analysed_as
from search.elastic.analysers import analysis
from search.standing import popularity, standing
from search.words import pieces

Json = dict[str, Any]

ZONES: Final = ("names", "facts", "summaries", "descriptions")
SHOWN: Final = {"name": "names", "summary": "summaries", "description": "descriptions"}
DESCRIPTION_CHARACTERS: Final = 5_000  # what is beyond is not searched

# Raise it when `source_of` sends something else in the same fields: the index is then built anew.
_REVISION: Final = 1

_SCRIPTS: Final = frozenset({"Hans", "Hant"})
_PRIMARY: Final = re.compile("[a-z]{2}")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_SETTINGS: Final[Json] = {
    "number_of_shards": 1,  # counts of facets are exact; a million products are 2 GB
    "auto_expand_replicas": "0-1",
    "refresh_interval": "500ms",
    "gc_deletes": "1h",  # until then the version of a deletion is known: it stays deleted
    "mapping": {"total_fields": {"limit": 2_500}},  # three for each language, see `shown_as`
    "analysis": analysis(),
    "similarity": {
        # A word that is repeated in a name says no more than once; nor does a short name.
        "short": {"type": "BM25", "k1": 0.4, "b": 0.3},
        "long": {"type": "BM25", "k1": 0.9, "b": 0.5},
    },
}


def _analysed(language: str) -> Json:
    name = "english" if language == ENGLISH else "plain"
    return {"type": "text", "analyzer": name, "search_analyzer": f"{name}_asked"}


def _searched(zone: str, language: str) -> Json:
    """Positions are kept for names only, where phrases count."""
    return {
        **_analysed(language),
        "index_options": "positions" if zone == "names" else "freqs",
        "similarity": "short" if zone in {"names", "facts"} else "long",
    }


_COPIES: Final = {
    "names": ["text", "spelled", "stems", "names_spelled", "names_begun"],
    "facts": ["text", "spelled", "stems", "facts_begun"],
    "summaries": ["text"],
    "descriptions": ["text"],
}


def _templates() -> list[Json]:
    """One for each text and analyser: `shown.name.zh-Hans` goes to `names_zh`."""
    paths: dict[str, list[str]] = {
        ENGLISH: ["en"],
        CHINESE: ["zh", "zh-*"],
        OTHER: ["*"],
    }
    return [
        {
            f"{field}_{language}": {
                "path_match": [f"shown.{field}.{path}" for path in paths[language]],
                "match_mapping_type": "string",
                "mapping": {
                    **_analysed(language),
                    "index_options": "docs",
                    "norms": False,
                    "copy_to": [f"{zone}_{language}", *_COPIES[zone]],
                },
            }
        }
        for field, zone in SHOWN.items()
        for language in ANALYSED
    ]


def _only_matched(analyser: str) -> Json:
    """Its score is always the same: that it matches."""
    return {
        "type": "text",
        "analyzer": analyser,
        "search_analyzer": f"{analyser}_asked",
        "index_options": "docs",
        "norms": False,
        "similarity": "boolean",
    }


def _properties() -> Json:
    facet = {"type": "keyword", "eager_global_ordinals": True}
    number = {"type": "long"}
    facts = {
        f"facts_{language}": {
            **_searched("facts", language),
            "copy_to": _COPIES["facts"],
        }
        for language in ANALYSED
    }
    return {
        "id": {"type": "keyword"},
        "merchant_id": facet,
        "product_type_id": {"type": "keyword"},
        "brand_id": facet,
        "category_ids": facet,
        "attributes": facet,
        "price_minor": number,
        "in_stock": {"type": "boolean"},
        "rating": number,
        "units_sold": number,
        "published_at": number,  # microseconds since 1970
        "standing": {"type": "float", "index": False},
        "popularity": number,
        "codes": {
            "type": "keyword",
            "doc_values": False,
            "ignore_above": 256,
            "fields": {"begun": _only_matched("code_begun")},
        },
        "whole_names": {"type": "keyword", "doc_values": False, "ignore_above": 1024},
        "shown": {
            "properties": {field: {"type": "object", "dynamic": True} for field in SHOWN},
        },
        **{
            f"{zone}_{language}": _searched(zone, language)
            for zone in ZONES
            if zone != "facts"
            for language in ANALYSED
        },
        **facts,
        "text": _only_matched("english"),
        "spelled": _only_matched("plain"),
        "stems": _only_matched("english"),
        "names_spelled": _only_matched("plain"),
        "names_begun": _only_matched("begun"),
        "facts_begun": _only_matched("begun"),
    }


def body(meta: Mapping[str, Any] | None = None) -> Json:
    """Of the request that makes an index; `meta` is what is noted in its mapping."""
    return {
        "settings": deepcopy(_SETTINGS),
        "mappings": {
            "dynamic": "strict",
            "dynamic_templates": _templates(),
            "properties": _properties(),
            "_meta": dict(meta or {}),
        },
    }


@cache
def fingerprint() -> str:
    """Changes with the shape, and with what is sent."""
    shape = orjson.dumps([body(), _REVISION], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(shape).hexdigest()[:10]


def alias(prefix: str) -> str:
    """The name that is searched and written to; another shape has another one.

    prefix: the setting `elasticsearch_index`.
    """
    return f"{prefix}-products-{fingerprint()}"


def id_of(product_id: UUID) -> str:
    """The `_id` of its document, and how all ids are written: their order is that of the ids."""
    return product_id.hex


def source_of(document: Document) -> Json:
    """The document as it is sent."""
    return {
        "id": id_of(document.product_id),
        "merchant_id": id_of(document.merchant_id),
        "product_type_id": document.product_type_id and id_of(document.product_type_id),
        "brand_id": document.brand_id and id_of(document.brand_id),
        "category_ids": list(map(id_of, document.category_ids)),
        "attributes": list(document.attributes),
        "price_minor": document.price_minor,
        "in_stock": document.in_stock,
        "rating": document.rating,
        "units_sold": document.units_sold,
        "published_at": microseconds(document.published_at),
        "standing": standing(document),
        "popularity": popularity(document),
        "codes": list(document.codes),
        "whole_names": sorted({whole(name) for name in document.names.values()} - {""}),
        "shown": {
            "name": _shown(document.names),
            "summary": _shown(document.summaries),
            "description": _shown(document.descriptions),
        },
        **_facts(document),
    }


def microseconds(moment: datetime) -> int:
    """Since 1970: a date of Elasticsearch has milliseconds only."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(since_1970: int) -> datetime:
    return _EPOCH + since_1970 * _MICROSECOND


def whole(text: str) -> str:
    """A name or query as it is compared as a whole: its words."""
    return " ".join(word.text for word in pieces(text))


def _composed(text: str) -> str:
    """Accents are part of their letter, as in queries."""
    return unicodedata.normalize("NFC", text)[:DESCRIPTION_CHARACTERS]


def shown_as(language: str) -> str:
    """The field of a language below `shown`: few enough, whatever languages merchants make up."""
    primary, _, rest = language.partition("-")
    if primary == CHINESE and rest in _SCRIPTS:
        return language
    return primary if _PRIMARY.fullmatch(primary) else OTHER


def _shown(texts: Texts) -> dict[str, list[str]]:
    shown: dict[str, list[str]] = {}
    for language, text in texts.items():
        if text:
            shown.setdefault(shown_as(language), []).append(_composed(text))
    return shown


def _facts(document: Document) -> dict[str, list[str]]:
    """What has no language is read as English, whose analyser leaves other words as they are."""
    facts: dict[str, list[str]] = {language: [] for language in ANALYSED}
    facts[ENGLISH] = [document.brand, *document.attribute_texts]
    for category in document.categories:
        for language, name in category.items():
            facts[analysed_as(language)].append(name)
    return {f"facts_{language}": _without_repetition(texts) for language, texts in facts.items()}


def _without_repetition(texts: Iterable[str]) -> list[str]:
    return [_composed(text) for text in dict.fromkeys(texts) if text]
