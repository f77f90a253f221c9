"""How relevant a product is, as SQL: the same number whenever it is asked."""

from typing import Any, Final

from sqlalchemy import ARRAY, Double, Text, Uuid, any_, bindparam, case, func, literal_column, or_
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import Grouping

from models.search import SearchDocument
from services.recordset import table_of

# What a sign of `search_documents.ranked` counts, from whole name to name (D, C, B, A).
_WEIGHTS: Final = "'{1.0, 0.05, 0.15, 0.4}'::real[]"
_FLOOR: Final = 0.02  # fits somehow: by its description
_ONLY_NEAR: Final = 0.002  # fits only if some words were meant otherwise than typed
_CODE: Final = 10_000.0
_PIN, _NEXT_PIN, _BURIED = 1_000_000.0, 1_000.0, -1_000_000.0

_d = table_of(SearchDocument).c


def score(*, has_words: bool, has_near: bool) -> Any:
    """has_words: something was typed. has_near: other words are looked for as well."""
    fits = _fit(has_near=has_near) if has_words else _popularity()
    fits *= func.coalesce(_factor(), _number(1))
    if has_words:
        codes = bindparam("codes", type_=ARRAY(Text()))
        fits += _if(_d.codes.bool_op("&&")(codes), _CODE, otherwise=0)
    buried = bindparam("buried", type_=ARRAY(Uuid()))
    fits += _if(_d.product_id == any_(buried), _BURIED, otherwise=0)
    place: Any = func.array_position(bindparam("pinned", type_=ARRAY(Uuid())), _d.product_id)
    pin = _number(_PIN + _NEXT_PIN) - _number(_NEXT_PIN) * place
    million = _number(1_000_000)
    return func.round(func.coalesce(pin, fits) * million, type_=Double()) / million


def _factor() -> Any:
    """What staff multiplies the product's score with; null for most."""
    factors: Any = Grouping(bindparam("factors", type_=ARRAY(Double())))
    place = func.array_position(bindparam("boosted", type_=ARRAY(Uuid())), _d.product_id)
    return factors[place]


def _fit(*, has_near: bool) -> Any:
    """How well the words fit, times how well the product stands."""
    ranked_by: Any = bindparam("ranked_by", type_=TSQUERY())
    scale: Any = bindparam("scale", type_=Double())
    rank: Any = func.ts_rank(literal_column(_WEIGHTS), _d.ranked, ranked_by, type_=Double())
    fit = (_number(_FLOOR) + rank * scale) * _d.standing
    if not has_near:
        return fit
    as_typed: Any = bindparam("as_typed", type_=TSQUERY())
    # Mostly the short column tells; the long one lies elsewhere.
    in_short, in_all = (column.bool_op("@@")(as_typed) for column in (_d.ranked, _d.terms))
    return fit * _if(or_(in_short, in_all), 1, otherwise=_ONLY_NEAR)


def _popularity() -> Any:
    return _number(2) * _d.units_sold + _if(_d.in_stock, 1, otherwise=0)


def _if(condition: Any, value: float, *, otherwise: float) -> Any:
    return case((condition, _number(value)), else_=_number(otherwise))


def _number(value: float) -> Any:
    return literal_column(f"{value}::float8", Double())
