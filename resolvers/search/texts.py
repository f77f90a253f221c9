"""What facets call themselves and those of their values that have no name of their own."""

from collections.abc import Mapping
from typing import Final

from resolvers.context import FALLBACK_LANGUAGE

_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "CATEGORY": "Category",
        "PRICE": "Price",
        "BRAND": "Brand",
        "AVAILABILITY": "Availability",
        "RATING": "Rating",
        "MERCHANT": "Sold by",
        "IN_STOCK": "In stock",
        "OUT_OF_STOCK": "Out of stock",
        "true": "Yes",
        "false": "No",
        "stars": "{} stars and more",
        "star": "1 star and more",
        "most_stars": "5 stars",
        "under": "Under {below} {currency}",
        "between": "{minimum} to {below} {currency}",
        "from": "{minimum} {currency} and more",
        "any": "Any price",
    },
    "zh-Hans": {
        "CATEGORY": "分类",
        "PRICE": "价格",
        "BRAND": "品牌",
        "AVAILABILITY": "库存",
        "RATING": "评分",
        "MERCHANT": "商家",
        "IN_STOCK": "有货",
        "OUT_OF_STOCK": "缺货",
        "true": "是",
        "false": "否",
        "stars": "{} 星及以上",
        "star": "1 星及以上",
        "most_stars": "5 星",
        "under": "{below} {currency} 以下",
        "between": "{minimum}–{below} {currency}",
        "from": "{minimum} {currency} 及以上",
        "any": "任意价格",
    },
}


def texts_in(language: str) -> Mapping[str, str]:
    return _TEXTS.get(language, _TEXTS[FALLBACK_LANGUAGE])


def name_in(names: Mapping[str, str], language: str, otherwise: str) -> str:
    return names.get(language) or names.get(FALLBACK_LANGUAGE) or otherwise
