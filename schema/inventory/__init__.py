"""Inventory: warehouses, stock, and every change of it."""
