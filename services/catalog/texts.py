"""Texts of the catalogue: what may be written, and slugs made of them. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final
from uuid import UUID

from core.errors import DomainError, InvalidInput

DEFAULT_LANGUAGE: Final = "en"  # every name has it; other languages fall back to it
MAX_LANGUAGES: Final = 10
MAX_SLUG: Final = 100
MADE_SLUGS: Final = 9  # "name", "name-2" … "name-9"; after these comes a part of the id
NAME: Final = 200  # characters of names
SUMMARY: Final = 500
DESCRIPTION: Final = 50_000
_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # but tab and line feed
_NOT_ON_A_LINE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")

Problems = Iterator[DomainError]


def text_problems(text: str, *path: str, longest: int, shortest: int = 0) -> Problems:
    """A text of several lines, perhaps."""
    if not shortest <= len(text.strip()) <= len(text) <= longest:
        yield InvalidInput(problem=f"Use {shortest} to {longest} characters.", path=path)
    if _FORBIDDEN.search(text):
        yield InvalidInput(problem="Control characters can't be stored.", path=path)


def line_problems(text: str, *path: str, longest: int, shortest: int = 1) -> Problems:
    """A text of one line, without spaces around it."""
    if not shortest <= len(text) <= longest:
        yield InvalidInput(problem=f"Use {shortest} to {longest} characters.", path=path)
    elif text != text.strip() or _NOT_ON_A_LINE.search(text):
        problem = "Write it on one line, without spaces around it or control characters."
        yield InvalidInput(problem=problem, path=path)


def translation_problems(
    texts: Mapping[str, str], *path: str, longest: int, is_required: bool = False
) -> Problems:
    """A text in several languages; a required one exists in the default language."""
    if len(texts) > MAX_LANGUAGES:
        yield InvalidInput(problem=f"Use at most {MAX_LANGUAGES} languages.", path=path)
        return
    for language, text in texts.items():
        if not _LANGUAGE.fullmatch(language):
            yield InvalidInput(problem="A language is written like en or zh-Hans.", path=path)
        yield from text_problems(text, *path, longest=longest)
    if is_required and not texts.get(DEFAULT_LANGUAGE, "").strip():
        problem = f"It needs a text in the language {DEFAULT_LANGUAGE}."
        yield InvalidInput(problem=problem, path=path)


def slug_problems(slug: str, *path: str) -> Problems:
    if len(slug) > MAX_SLUG or not _SLUG.fullmatch(slug):
        problem = f"A slug is at most {MAX_SLUG} of a-z and 0-9, in words joined by single hyphens."
        yield InvalidInput(problem=problem, path=path)


def slug_of(name: str, *, otherwise: str) -> str:
    """`Café au lait -> cafe-au-lait`; `otherwise` for a name without any letter of ours."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = _NO_SLUG.sub("-", plain).strip("-")[: MAX_SLUG - 12].strip("-")
    return slug or otherwise


def sort_name(name: Mapping[str, str]) -> str:
    """What lists sort by: the name in the default language, without regard to case."""
    return name.get(DEFAULT_LANGUAGE, "").strip().lower()


def merged(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Languages that `new` does not name keep their text; an empty text takes one away."""
    return {language: text for language, text in {**old, **new}.items() if text.strip()}


def made_slugs(base: str) -> list[str]:
    return [base, *(f"{base}-{n}" for n in range(2, MADE_SLUGS + 1))]


def last_slug(base: str, id: UUID) -> str:
    """Taken by nobody: the random end of an id is in it."""
    return f"{base}-{id.hex[-10:]}"
