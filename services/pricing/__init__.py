"""List prices: what a unit of a variant costs in a currency."""

from services.pricing.prices import MAX_PRICE_MINOR, NewPrice, problem_of, put_prices

__all__ = ["MAX_PRICE_MINOR", "NewPrice", "problem_of", "put_prices"]
