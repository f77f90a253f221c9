"""Benchmarks: a program, never a test. `python -m bench` prints what stands in PERFORMANCE.md."""
