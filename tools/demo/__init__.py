"""The demo shop: `python -m tools.demo`."""
