"""Merchants: who sells, who works for them, and what the platform decides about them."""

from schema.merchants.types import Merchant

__all__ = ["Merchant"]
