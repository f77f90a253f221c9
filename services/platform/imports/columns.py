"""From the columns of a record to a row: docs/IMPORT.md tells the same to merchants."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from core.money import parse_amount
from services.platform.imports import cells
from services.platform.imports.cells import Malformed
from services.platform.imports.rows import Problem, Record, Row
from services.pricing import NewPrice, problem_of

MAX_SKU: Final = 64
MAX_REFERENCE: Final = 200
MAX_STOCK: Final = 1_000_000_000
MAX_DEPTH: Final = 6  # of categories

_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")

# Column -> (attribute of Row, how its cell is read).
_CELLS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "product": ("product", cells.line(MAX_REFERENCE)),
    "sku": ("sku", cells.line(MAX_SKU)),
    "category": ("category", cells.path(MAX_DEPTH)),
    "brand": ("brand", cells.line(200)),
    "product_type": ("product_type", cells.line(100)),
    "attributes": ("attributes", cells.attributes),
    "status": ("is_published", cells.status),
    "images": ("images", cells.addresses),
    "reviews": ("reviews", cells.reviews),
    "options": ("options", cells.options),
    "stock": ("stock", cells.integer(0, MAX_STOCK)),
    "warehouse": ("warehouse", cells.line(64)),
    "weight": ("weight_grams", cells.integer(0, 10_000_000)),
    "barcode": ("barcode", cells.line(64)),
    "minimum_quantity": ("minimum_quantity", cells.integer(1, 10_000)),
}
_TEXTS: Final = ("name", "summary", "description")
_MONEY: Final = ("price", "currency", "compare_at")
NAMES: Final = (*_CELLS, *_TEXTS, *_MONEY)


def is_known(column: str) -> bool:
    """`name`, `name:zh-Hans`, `price:CNY`."""
    name, mark, variety = column.partition(":")
    if not mark:
        return name in NAMES
    if name in _TEXTS:
        return bool(_LANGUAGE.fullmatch(variety))
    return name in {"price", "compare_at"} and bool(_CURRENCY.fullmatch(variety))


def understood(record: Record, *, currency: str) -> Row | list[Problem]:
    """The row of a record, or everything that is wrong with it.

    currency: of prices whose column does not name one.
    """
    if record.problem:
        return [record.problem]
    reading = _Reading(record, currency)
    return reading.row()


class _Reading:
    """Reads one record; goes on after a problem, so that a merchant is told of all at once."""

    def __init__(self, record: Record, currency: str) -> None:
        self.line, self.currency = record.line, currency
        self.values = {
            column: value for column, value in record.values.items() if not _is_empty(value)
        }
        self.problems: list[Problem] = []

    def row(self) -> Row | list[Problem]:
        for column in self.values:
            if not is_known(column):
                self._note(column, "UNKNOWN_COLUMN", "There is no such column.")
        found = {
            attribute: self._read(column, read)
            for column, (attribute, read) in _CELLS.items()
            if column in self.values
        }
        found |= {name: self._texts(name) for name in _TEXTS}
        found["prices"] = list(self._prices())
        if "sku" not in self.values:
            self._note("sku", "MISSING", "Each row needs the SKU of its variant.")
        if self.problems:
            return self.problems
        found.setdefault("product", found["sku"])
        return Row(line=self.line, **found)

    def _read(self, column: str, read: Callable[[Any], Any]) -> Any:
        try:
            return read(self.values[column])
        except Malformed as problem:
            self._note(column, "MALFORMED", str(problem))
            return None

    def _note(self, column: str, code: str, message: str) -> None:
        self.problems.append(Problem(self.line, column[:100], code, message))

    def _texts(self, name: str) -> Mapping[str, str]:
        """`name` is in English or an object of languages; `name:zh-Hans` is in another one."""
        found: dict[str, str] = {}
        for column in self.values:
            if column == name:
                found |= self._read(column, cells.texts) or {}
            elif column.startswith(f"{name}:"):
                text = self._read(column, cells.text)
                found |= {column.partition(":")[2]: text} if text else {}
        return found

    def _prices(self) -> Iterator[NewPrice]:
        plain = self._read("currency", cells.line(3)) if "currency" in self.values else None
        for column in self.values:
            name, _, currency = column.partition(":")
            if name == "price" and is_known(column):
                yield from self._price(column, currency or plain or self.currency)
            elif name == "compare_at" and column.replace(name, "price", 1) not in self.values:
                self._note(column, "MALFORMED", "It needs the price beside it.")

    def _price(self, column: str, currency: str) -> Iterator[NewPrice]:
        before = column.replace("price", "compare_at", 1)
        try:
            amount = parse_amount(cells.number(self.values[column]), currency)
            compared = self.values.get(before)
            compare_at = (
                None if compared is None else parse_amount(cells.number(compared), currency)
            )
        except ValueError as error:  # Malformed is one
            self._note(column, "MALFORMED", f"A price is written like 19.99: {error}.")
            return
        price = NewPrice(currency=currency, amount_minor=amount, compare_at_minor=compare_at)
        if problem := problem_of(price):
            self._note(column, "INVALID_INPUT", problem.message)
        else:
            yield price


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
