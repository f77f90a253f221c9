"""Enums of checkouts, shared with the tables."""

import strawberry

from models.checkout import CheckoutStatus

__all__ = ["CheckoutStatus"]

strawberry.enum(CheckoutStatus, description="OPEN ones can be changed and completed.")
