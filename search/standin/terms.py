"""A document as lexemes: what it is found by, how well it fits, which words it is made of."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Final, NamedTuple

from search.documents import ENGLISH, Document
from search.standin import lexemes
from search.standin.lexemes import quoted
from search.words import Kind, Word, pieces

SHORTEST, LONGEST = 3, 32  # letters of a word that typing errors are compared with
MAX_RANKED: Final = 150  # lexemes, so that the row stays short; what weighs most comes first
_NAME, _FACT, _SUMMARY, _WHOLE = "A", "B", "C", "D"

Pieces = Sequence[tuple[str, list[Word]]]  # language and words of each text


class Indexed(NamedTuple):
    """terms, ranked: the values of these columns. words: of letters only, that may be meant."""

    terms: str
    ranked: str
    words: set[str]


class _TakenApart(NamedTuple):
    """facts: brand, categories, attributes."""

    names: Pieces
    facts: Pieces
    summaries: Pieces
    descriptions: Pieces

    @property
    def short_words(self) -> set[Word]:
        """Of names and facts; no Chinese."""
        every = chain.from_iterable(words for _, words in (*self.names, *self.facts))
        return {word for word in every if word.kind is not Kind.HAN}


def indexed(document: Document) -> Indexed:
    texts = _TakenApart(
        names=_pieces(document.names.items()),
        facts=_pieces(_facts(document)),
        summaries=_pieces(document.summaries.items()),
        descriptions=_pieces(
            (language, text[: lexemes.DESCRIPTION_CHARACTERS])
            for language, text in document.descriptions.items()
        ),
    )
    codes = [code for code in document.codes if lexemes.is_code(code)]
    found = {lexemes.EVERYTHING, lexemes.popularity(document.units_sold), *_choices(document)}
    found |= _found_by(texts, codes)
    return Indexed(
        " ".join(map(quoted, sorted(found))), _ranked(texts, codes), _vocabulary(texts.short_words)
    )


def _pieces(texts: Iterable[tuple[str, str]]) -> Pieces:
    return [(language, pieces(text)) for language, text in texts]


def _found_by(texts: _TakenApart, codes: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for language, words in chain(*texts):
        found.update(lexemes.spread(set(words), language))
    for word in texts.short_words:
        found.add(f"{lexemes.WHOLE_WORD}{lexemes.plain(word)}")
    for code in codes:
        found |= {code, f"{lexemes.WHOLE_WORD}{code}", f"{lexemes.CODE}{code}"}
    return found


def _ranked(texts: _TakenApart, codes: Iterable[str]) -> str:
    found: dict[str, str] = {}
    for lexeme, weight in _weighted(texts, codes):
        found.setdefault(lexeme, weight)
    kept = islice(found.items(), MAX_RANKED)
    return " ".join(f"{quoted(lexeme)}:1{weight}" for lexeme, weight in kept)


def _vocabulary(words: Iterable[Word]) -> set[str]:
    return {
        word.text
        for word in words
        if word.kind is Kind.WORD and SHORTEST <= len(word.text) <= LONGEST and word.text.isalpha()
    }


def _choices(document: Document) -> Iterator[str]:
    yield f"{lexemes.PRODUCT}{document.product_id.hex}"
    yield f"{lexemes.MERCHANT}{document.merchant_id.hex}"
    if document.brand_id:
        yield f"{lexemes.BRAND}{document.brand_id.hex}"
    if document.product_type_id:
        yield f"{lexemes.TYPE}{document.product_type_id.hex}"
    for category_id in document.category_ids:
        yield f"{lexemes.CATEGORY}{category_id.hex}"
    for value in document.attributes:
        yield lexemes.attribute(value)


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    """(language, text) of brand, categories and attributes; those without one are as English."""
    yield ENGLISH, document.brand
    for names in document.categories:
        yield from names.items()
    for text in document.attribute_texts:
        yield ENGLISH, text


def _weighted(texts: _TakenApart, codes: Iterable[str]) -> Iterator[tuple[str, str]]:
    for language, words in texts.names:
        yield lexemes.whole_name(words), _WHOLE
        for lexeme in _of_name(words, language):
            yield lexeme, _NAME
    for code in codes:
        yield code, _FACT
    for language, words in texts.facts:
        for lexeme in _both(words, language):
            yield lexeme, _FACT
    for language, words in texts.summaries:
        for lexeme in lexemes.spread(words, language):
            yield lexeme, _SUMMARY


def _of_name(words: list[Word], language: str) -> Iterable[str]:
    in_language = (
        lexemes.in_language(word, language) for word in words if word.kind is not Kind.HAN
    )
    return chain(_both(words, language), in_language, lexemes.neighbours(words, language))


def _both(words: Iterable[Word], language: str) -> Iterator[str]:
    """Stems, and the words as they stand: these make one typed so rank higher."""
    for word in words:
        if word.kind is not Kind.HAN:
            yield lexemes.plain(word)
        yield from lexemes.spread([word], language)
