"""A synthetic catalogue of any size: `python -m tools.seed --products N`."""
