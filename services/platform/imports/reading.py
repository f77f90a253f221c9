"""Records of an import file, one after another: the file is never in memory as a whole.

A record that can't be read is a problem of its line, and reading goes on after it; only what makes
the whole file unreadable is raised.
"""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from services.platform.imports.columns import NAMES, is_known
from services.platform.imports.rows import Problem, Record

MAX_LINE_BYTES: Final = 1024 * 1024
MAX_CELL: Final = 256 * 1024  # characters
_BOM: Final = b"\xef\xbb\xbf"
_OTHER_ENCODINGS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
_NOT_UTF_8: Final = "This line is not UTF-8: save the file with that encoding."


class ImportFormat(StrEnum):
    JSONL = "JSONL"
    CSV = "CSV"


class Unreadable(Exception):
    """The file as a whole is none that can be imported; the text says why."""


def records(path: Path, format: ImportFormat) -> Iterator[Record]:
    """Raises: Unreadable; OSError when the file is not there."""
    with path.open("rb") as file:
        start = file.read(4096)
        for mark, encoding in _OTHER_ENCODINGS.items():
            if start.startswith(mark):
                raise Unreadable(f"The file is {encoding}: save it as UTF-8.")
        if b"\x00" in start:
            raise Unreadable("The file is not a text.")
        file.seek(len(_BOM) if start.startswith(_BOM) else 0)
        yield from _jsonl(file) if format is ImportFormat.JSONL else _csv(file)


def _jsonl(file: BinaryIO) -> Iterator[Record]:
    number = 0
    while text := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(text) > MAX_LINE_BYTES and not text.endswith(b"\n"):
            while text and not text.endswith(b"\n"):
                text = file.readline(MAX_LINE_BYTES)
            yield _bad(number, "TOO_LONG", f"A line has at most {MAX_LINE_BYTES} bytes.")
        elif text.strip():
            yield _parsed(number, text)


def _parsed(number: int, text: bytes) -> Record:
    try:
        text.decode()
    except UnicodeDecodeError:
        return _bad(number, "NOT_UTF_8", _NOT_UTF_8)
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return _bad(number, "MALFORMED", f"This line is not JSON: {error}.")
    if not isinstance(values, dict):
        return _bad(number, "MALFORMED", "A line must be a JSON object.")
    return Record(number, values)


def _csv(file: BinaryIO) -> Iterator[Record]:
    csv.field_size_limit(MAX_CELL)
    # What is not UTF-8 comes as surrogates, so that it can be told apart line by line.
    with io.TextIOWrapper(file, "utf-8", errors="surrogateescape", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        header = _header(next(reader, []))
        while True:
            number = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield _bad(number, "MALFORMED", f"This line is not CSV: {error}.")
                continue
            if cells:
                yield _row(number, header, cells)


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise Unreadable("The file is empty.")
    unknown = [name for name in names if not is_known(name)]
    if unknown:
        raise Unreadable(
            f"The header has columns we do not know: {', '.join(map(repr, unknown[:10]))}. "
            f"Known ones: {', '.join(NAMES)}; separate them by commas."
        )
    if len({*names}) < len(names):
        raise Unreadable("The header names a column twice.")
    if "sku" not in names:
        raise Unreadable("The header needs the column sku.")
    return names


def _row(number: int, header: list[str], cells: list[str]) -> Record:
    if len(cells) != len(header):
        message = f"It has {len(cells)} cells, the header has {len(header)} columns."
        return _bad(number, "MALFORMED", message)
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return _bad(number, "NOT_UTF_8", _NOT_UTF_8)
    values: dict[str, Any] = dict(zip(header, cells, strict=True))
    return Record(number, values)


def _bad(number: int, code: str, message: str) -> Record:
    return Record(number, {}, Problem(number, "", code, message))
