"""Other entry points: what is done without a request. `python -m workers` runs all of it.

Imports services, search, auth and integrations, never the API.
"""
