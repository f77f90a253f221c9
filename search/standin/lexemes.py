"""How words, codes and choices lie in PostgreSQL's two columns of lexemes, as both sides see it.

`search_documents.terms` is what a product is found by. Nothing but its GIN index is ever read, so
everything that narrows a search down lies in it, told apart by the first character, which no word
begins with:

    lamp        a word of any of its texts: its stem in English, else as it stands; of Chinese each
                character and each pair of neighbours
    .lamps      a whole word of its name, brand, categories, attributes or codes: what prefixes and
                words with typing errors are looked for in
    #ab1234     a code
    @c…  @a…    a category, brand, merchant, product type, attribute value, the product itself
    *           is there
    ^5          so popular: the logarithm of the units sold

`search_documents.ranked` tells how well a product that was found fits: words as above, and

    lamp        whole words beside stems; weighted A in a name, B in brand, category, attribute or
                code, C in a summary
    ~en lamp    a word of the name in this language: en, zh or other (A)
    +desk lamp  neighbours in a name (A)
    =desk lamp  a whole name (D, which counts most)

Texts become lexemes here and nowhere else, and a lexeme is always quoted: nothing that anybody
types is an operator.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from search.documents import ENGLISH, analysed_as
from search.standin.stemming import stem
from search.words import Kind, Word

EVERYTHING: Final = "*"
NOTHING: Final = "@"  # no product has it
POPULARITY: Final = "^"
WHOLE_WORD, CODE, IN_LANGUAGE, NEIGHBOURS, WHOLE_NAME = ".", "#", "~", "+", "="
CATEGORY, BRAND, MERCHANT, TYPE, PRODUCT, ATTRIBUTE = "@c", "@b", "@m", "@t", "@p", "@a"

# PostgreSQL takes 2046 bytes; nobody types more than this.
MAX_CHARACTERS: Final = 200
DESCRIPTION_CHARACTERS: Final = 5_000  # what is beyond is not searched
MOST_POPULAR: Final = 20  # the highest step of popularity: a million units or more
POPULAR: Final = (10, 6, 3, 0)  # where the steps that are asked for together begin


def plain(word: Word) -> str:
    return word.text[:MAX_CHARACTERS].replace("\u2019", "'")


def stemmed(word: Word) -> str:
    return stem(plain(word)) if word.kind is Kind.WORD else plain(word)


def of_language(language: str) -> Callable[[Word], str]:
    """What words of texts in a language are found by; not for Chinese."""
    return stemmed if analysed_as(language) == ENGLISH else plain


def han(word: Word) -> list[str]:
    """What a Chinese word of a query asks for: its pairs of neighbours, or its one character."""
    text = word.text
    return [f"{one}{other}" for one, other in pairwise(text)] or [text]


def spread(words: Iterable[Word], language: str) -> Iterator[str]:
    """What the words of a text in a language are found by."""
    found_by = of_language(language)
    for word in words:
        if word.kind is Kind.HAN:
            yield from word.text
            yield from han(word)
        else:
            yield found_by(word)


def whole_name(words: Sequence[Word]) -> str:
    return f"{WHOLE_NAME}{' '.join(plain(word) for word in words)[:MAX_CHARACTERS]}"


def neighbours(words: Sequence[Word], language: str) -> list[str]:
    """Words that follow one another; Chinese ones are told by their pairs."""
    found_by = of_language(language)
    return [
        f"{NEIGHBOURS}{found_by(one)} {found_by(other)}"
        for one, other in pairwise(words)
        if Kind.HAN not in (one.kind, other.kind)
    ]


def in_language(word: Word, language: str) -> str:
    return f"{IN_LANGUAGE}{analysed_as(language)} {of_language(language)(word)}"


def popularity(units_sold: int) -> str:
    """Each step is twice the units of the one before."""
    return popularity_step(min((units_sold + 1).bit_length() - 1, MOST_POPULAR))


def popularity_step(step: int) -> str:
    return f"{POPULARITY}{step}"


def attribute(pair: str) -> str:
    """pair: `slug=value`."""
    return f"{ATTRIBUTE}{pair}"[:MAX_CHARACTERS]


def is_text(text: str) -> bool:
    """PostgreSQL has no text with the character U+0000 or with half of one."""
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def is_code(code: str) -> bool:
    return 0 < len(code) <= MAX_CHARACTERS and is_text(code)


def quoted(lexeme: str) -> str:
    """As a tsvector or a tsquery is written."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
