"""How much a product counts beside how well it matches: the same number for both engines."""

import math
from typing import Final

from search.documents import Document

_SALES: Final = 0.1  # per power of ten of units sold
_RATING: Final = 0.1  # for five stars of many; as much less for one star
_FEW_RATINGS: Final = 5  # so many count half
_MIDDLE: Final = 300  # hundredths of stars that neither help nor harm
_OUT_OF_STOCK: Final = 0.5


def standing(document: Document) -> float:
    """The mild factor of a score: 0.45 to about 2."""
    sales = 1 + _SALES * math.log10(1 + document.units_sold)
    trust = document.rating_count / (document.rating_count + _FEW_RATINGS)
    rating = 1 + _RATING * trust * (document.rating - _MIDDLE) / 200 if document.rating else 1.0
    return sales * rating * (1.0 if document.in_stock else _OUT_OF_STOCK)


def popularity(document: Document) -> int:
    """What a list without words is sorted by: units sold, then what is in stock."""
    return 2 * document.units_sold + document.in_stock
