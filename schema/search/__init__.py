"""Search in the contract."""
