"""Shipments: carriers, parcels, their dispatch and their tracking."""
