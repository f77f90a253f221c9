"""Short texts that people type: trimmed, on one line, of limited length."""

import unicodedata

from core.errors import InvalidInput


def one_line(text: str, *path: str, longest: int) -> str:
    """The text without spaces around it, its accents composed.

    longest: in characters.

    Raises: InvalidInput for a longer text and for control characters, line breaks among them: they
    would break labels and lists, and PostgreSQL keeps no NUL.
    """
    line = unicodedata.normalize("NFC", text).strip()
    if len(line) > longest:
        raise InvalidInput(problem=f"Use at most {longest} characters.", path=path)
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in line):
        raise InvalidInput(problem="Write it on one line, without control characters.", path=path)
    return line
