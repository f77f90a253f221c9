"""Rows gathered into chunks: whole products, a few hundred rows, one transaction each."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from services.platform.imports.columns import understood
from services.platform.imports.rows import Problem, Record, Row

CHUNK: Final = 300  # records; a chunk ends with a product
MAX_GROUP: Final = 500  # rows of one product in a chunk

Checked = Row | list[Problem]


@dataclass(slots=True)
class Chunk:
    """products: the good rows by their product. records: how many of the file it is."""

    products: dict[str, list[Row]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    records: int = 0


def chunks(records: Iterable[Record], *, skip: int, currency: str) -> Generator[Chunk, None, None]:
    """Everything after the first `skip` records, which an earlier run dealt with."""
    seen: dict[int, int] = {}  # SKU, hashed: millions of rows must not fill the memory -> line
    chunk = Chunk()
    for group in _groups(islice(_checked(records, seen, currency), skip, None)):
        if chunk.records and chunk.records + len(group) > CHUNK:
            yield chunk
            chunk = Chunk()
        chunk.records += len(group)
        for each in group:
            if isinstance(each, Row):
                chunk.products.setdefault(each.product, []).append(each)
            else:
                chunk.problems += each
    if chunk.records:
        yield chunk


def _checked(records: Iterable[Record], seen: dict[int, int], currency: str) -> Iterator[Checked]:
    """Rows, or what is wrong with them; a SKU stands in a file once."""
    for record in records:
        row = understood(record, currency=currency)
        if isinstance(row, Row):
            first = seen.setdefault(hash(row.sku), row.line)
            if first != row.line:
                message = f"Line {first} has this SKU already."
                row = [Problem(row.line, "sku", "TWICE", message)]
        yield row


def _groups(rows: Iterable[Checked]) -> Iterator[list[Checked]]:
    """Rows of one product that follow one another; a bad row belongs to the one before it."""
    group: list[Checked] = []
    product: str | None = None
    for row in rows:
        this = row.product if isinstance(row, Row) else product
        if group and (this != product or len(group) == MAX_GROUP):
            yield group
            group = []
        group.append(row)
        product = this
    if group:
        yield group
