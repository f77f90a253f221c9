"""Letters: queued, written, carried."""
