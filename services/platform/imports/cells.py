"""How single cells are read: a text of CSV, or a value of JSON that says the same."""

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from services.platform.imports.rows import ReviewRow

MAX_TEXT: Final = 50_000
MAX_ADDRESS: Final = 2_000
MAX_IMAGES: Final = 20
MAX_REVIEWS: Final = 200
MAX_OPTIONS: Final = 5
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # but tab, line feed
_NEW_LINE: Final = re.compile(r"[\t\n\u2028\u2029]")
_WHOLE: Final = re.compile(r"\d{1,12}")


class Malformed(ValueError):
    """A cell that is not what its column holds; the text tells what would be."""


def text(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Malformed("It must be a text.")
    if len(value) > MAX_TEXT:
        raise Malformed(f"At most {MAX_TEXT} characters are kept.")
    found: str = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(found):
        raise Malformed("Control characters can't be stored.")
    return found


def line(longest: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = text(value)
        if not 0 < len(found) <= longest or _NEW_LINE.search(found):
            raise Malformed(f"It must be one line of at most {longest} characters.")
        return found

    return read


def number(value: Any) -> str:
    """The text of a decimal number."""
    found = text(value)
    if len(found) > 30:  # noqa: PLR2004 - more digits than any amount has
        raise Malformed("too long for a number")
    return found


def integer(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        found = text(value)
        if not _WHOLE.fullmatch(found) or not least <= int(found) <= most:
            raise Malformed(f"It must be a whole number of {least} to {most}.")
        return int(found)

    return read


def texts(value: Any) -> dict[str, str]:
    """A text in English, or an object of languages."""
    if not isinstance(value, Mapping):
        return {"en": text(value)}
    return {str(language): text(each) for language, each in value.items() if each}


def path(deepest: int) -> Callable[[Any], tuple[str, ...]]:
    """`Home > Lighting > Table Lamps`, or a list of the same."""

    def read(value: Any) -> tuple[str, ...]:
        parts = value if isinstance(value, list) else text(value).split(">")
        found = tuple(line(200)(part) for part in parts)
        if not 0 < len(found) <= deepest:
            raise Malformed(f"A category is a path of 1 to {deepest} names, joined by >.")
        return found

    return read


def status(value: Any) -> bool:
    """Whether it is to be published."""
    found = text(value).upper()
    if found not in {"PUBLISHED", "DRAFT"}:
        raise Malformed("It must be PUBLISHED or DRAFT.")
    return found == "PUBLISHED"


def pairs(value: Any) -> list[tuple[str, Any]]:
    """An object, or a text like `Colour=Sand; Size=L`."""
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        parts = [part for part in value.split(";") if part.strip()]
        if not all("=" in part for part in parts):
            raise Malformed("Write it like Colour=Sand; Size=L.")
        split = [part.partition("=") for part in parts]
        return [(name.strip(), each.strip()) for name, _, each in split]
    found = _json(value)
    if not isinstance(found, dict):
        raise Malformed("It must be an object, or a text like Colour=Sand; Size=L.")
    return list(found.items())


def options(value: Any) -> list[tuple[str, str]]:
    found = [(line(100)(name), line(100)(each)) for name, each in pairs(value)]
    if len(found) > MAX_OPTIONS or len(dict(found)) < len(found):
        raise Malformed(f"Name at most {MAX_OPTIONS} options, each once.")
    return found


def attributes(value: Any) -> dict[str, list[str]]:
    """Slug -> values; several values are a list, or joined by `|`."""
    found: dict[str, list[str]] = {}
    for slug, each in pairs(value):
        values = each if isinstance(each, list) else _spelled(each).split("|")
        found.setdefault(line(100)(slug), []).extend(line(200)(_spelled(one)) for one in values)
    return found


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else text(value)


def addresses(value: Any) -> list[str]:
    """A list of http and https addresses, or a text with them, spaces between."""
    found = value if isinstance(value, list) else text(value).split()
    if len(found) > MAX_IMAGES:
        raise Malformed(f"At most {MAX_IMAGES} pictures are taken.")
    return list(dict.fromkeys(_address(each) for each in found))


def _address(value: Any) -> str:
    found = line(MAX_ADDRESS)(value)
    try:
        parts = urlsplit(found)
    except ValueError:
        raise Malformed("An address is not well formed.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in found:
        raise Malformed("Addresses begin with https:// or http://.")
    return found


def reviews(value: Any) -> list[ReviewRow]:
    """A JSON list of `{author, rating, title, text, date, id}`."""
    found = _json(value)
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Malformed("It must be a JSON list of reviews.")
    if len(found) > MAX_REVIEWS:
        raise Malformed(f"At most {MAX_REVIEWS} reviews are taken with a row.")
    made = [_review(each) for each in found]
    return list({review.reference: review for review in made}.values())


def _review(value: Mapping[str, Any]) -> ReviewRow:
    said = {name: value.get(name) or "" for name in ("author", "title", "text", "date")}
    made_of = orjson.dumps([value.get("rating"), *said.values()], default=str)
    reference = value.get("id") or hashlib.sha256(made_of).hexdigest()[:24]
    return ReviewRow(
        reference=line(100)(reference),
        author=line(100)(said["author"]),
        rating=integer(1, 5)(value.get("rating")),
        title=text(said["title"])[:200],
        text=text(said["text"])[:10_000],
        written_at=_moment(said["date"]) if said["date"] else None,
    )


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        raise Malformed("A date is written like 2026-11-24 or 2026-11-24T09:30:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Malformed("It is not well-formed JSON.") from None
