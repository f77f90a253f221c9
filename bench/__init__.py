"""Benchmarks: a program, never a test. `python -m bench` prints what docs/PERFORMANCE.md quotes."""
