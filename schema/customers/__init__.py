"""Customers, as staff sees them, and their groups."""
