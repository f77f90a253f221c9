"""Merchants: who sells."""

from services.merchants.merchants import NewMerchant, put_merchants

__all__ = ["NewMerchant", "put_merchants"]
