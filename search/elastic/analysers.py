"""How texts become terms.

All analysers cut Chinese and Japanese into characters and pairs when documents are written, into
pairs only when a query is read: it is found when all its pairs are. English is reduced to stems,
everything else just folded.
"""

from typing import Any, Final

Json = dict[str, Any]

LONGEST_BEGINNING: Final = 20  # letters of a word that is still typed

# Between letters or digits these do not separate for the tokenizer, but do for `search.words`; a
# hyphen does for both.
_JOINERS: Final = "._:,;·•‧．：，；＿"
_CHARACTERS: Final = [*(f"{joiner} => -" for joiner in _JOINERS), "’ => '", "＇ => '", "ς => σ"]
_BIGRAMS: Final[Json] = {"type": "cjk_bigram", "ignored_scripts": ["hangul"]}
_FOLDED: Final = ("cjk_width", "lowercase", "asciifolding")
_ENGLISH: Final = ("possessive", "porter2")


def analysis() -> Json:
    def analyser(*filters: str) -> Json:
        return {
            "type": "custom",
            "char_filter": ["characters"],
            "tokenizer": "standard",
            "filter": list(filters),
        }

    def code(*filters: str) -> Json:
        return {"type": "custom", "tokenizer": "keyword", "filter": list(filters)}

    return {
        "char_filter": {"characters": {"type": "mapping", "mappings": _CHARACTERS}},
        "filter": {
            "pairs": _BIGRAMS,
            "pairs_and_characters": {**_BIGRAMS, "output_unigrams": True},
            "possessive": {"type": "stemmer", "language": "possessive_english"},
            "porter2": {"type": "stemmer", "language": "porter2"},
            "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": LONGEST_BEGINNING},
            "beginning": {"type": "truncate", "length": LONGEST_BEGINNING},
        },
        "analyzer": {
            "plain": analyser(*_FOLDED, "pairs_and_characters"),
            "plain_asked": analyser(*_FOLDED, "pairs"),
            "english": analyser(*_FOLDED, "pairs_and_characters", *_ENGLISH),
            "english_asked": analyser(*_FOLDED, "pairs", *_ENGLISH),
            "begun": analyser(*_FOLDED, "pairs", "beginnings"),
            "begun_asked": analyser(*_FOLDED, "pairs", "beginning"),
            "code_begun": code("beginnings"),
            "code_begun_asked": code("beginning"),
        },
    }
