"""Fragments with the words that were found: asked for, and read.

They come in the caller's language; a text that there is in English only, in English.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from search.answer import Highlights
from search.elastic.matching import FIRST_LETTER, may_be_begun
from search.elastic.shape import DESCRIPTION_CHARACTERS, SHOWN, shown_as
from search.words import Kind, Words

Json = dict[str, Any]

CHARACTERS: Final = 140  # of a fragment, and the rest of its last word
FALL_BACK: Final = "en"
LONGEST: Final = 160
BEFORE: Final = 60  # characters, if there are too many
MOST_WORDS: Final = 40  # with their synonyms

_TAGS: Final = ("<em>", "</em>")
_PIECES: Final = re.compile(r"</?em>|&[^;]{1,8};|.", re.DOTALL)
_TOUCHING: Final = "</em><em>"
_FORGIVING: Final = ("name", "summary")


def highlight(words: Words, language: str) -> Json:
    languages = dict.fromkeys((shown_as(language), FALL_BACK))
    return {
        "encoder": "html",
        "pre_tags": ["<em>"],
        "post_tags": ["</em>"],
        "order": "score",
        "max_analyzed_offset": DESCRIPTION_CHARACTERS,
        "fields": {
            f"shown.{field}.{each}": {
                "number_of_fragments": 0 if field == "name" else 1,
                "fragment_size": CHARACTERS,
                "no_match_size": int(each != FALL_BACK),  # tells that there is a text
                "highlight_query": _words(f"shown.{field}.{each}", words, field),
            }
            for field in SHOWN
            for each in languages
        },
    }


def _words(path: str, words: Words, field: str) -> Json:
    phrases = [phrase for group in words.groups for phrase in group.alternatives]
    texts = dict.fromkeys(word.text for phrase in phrases for word in phrase)
    found: list[Json] = [
        {"match": {path: {"query": text, "operator": "and"}}} for text in list(texts)[:MOST_WORDS]
    ]
    if field in _FORGIVING:
        found += _nearly(path, words)
    return {"bool": {"should": found}}


def _nearly(path: str, words: Words) -> list[Json]:
    typed = [word for group in words.groups for word in group.alternatives[0]]
    nearly: list[Json] = [
        {"match": {path: {"query": word.text, "fuzziness": word.edits, **FIRST_LETTER}}}
        for word in typed
        if word.edits
    ]
    last = typed[-1]
    if words.groups[-1].is_prefix and may_be_begun(words) and last.kind is not Kind.HAN:
        nearly.append({"match_bool_prefix": {path: {"query": last.text, "max_expansions": 8}}})
    return nearly


def read(fragments: Mapping[str, Sequence[str]], language: str) -> Highlights:
    """What Elasticsearch answers for one hit: field -> fragments."""
    found: dict[str, Sequence[str]] = {}
    for field in SHOWN:
        own = fragments.get(f"shown.{field}.{shown_as(language)}")
        texts = own or fragments.get(f"shown.{field}.{FALL_BACK}", ())
        marked = [_tidy(text) for text in texts if "<em>" in text][:1]
        if marked:
            found[field] = marked if field == "name" else [_short(marked[0])]
    return found


def _tidy(text: str) -> str:
    """Neighbours are one; the encoder escapes slashes, which nobody needs."""
    return text.replace(_TOUCHING, "").replace("&#x2F;", "/")


def _short(text: str) -> str:
    """Elasticsearch ends a fragment where a word ends, and sees no words in Chinese."""
    pieces = _PIECES.findall(text)
    if sum(piece not in _TAGS for piece in pieces) <= LONGEST:
        return text
    kept: list[str] = []
    room, is_open = LONGEST, False
    for piece in pieces[max(0, pieces.index("<em>") - BEFORE) :]:
        if piece != "</em>" and not room:
            break
        room -= piece not in _TAGS
        is_open = piece == "<em>" or (is_open and piece != "</em>")
        kept.append(piece)
    return "".join(kept) + ("</em>" if is_open else "")
