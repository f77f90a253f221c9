"""The rules: one folder per domain, no GraphQL, no HTTP.

`session` in a signature: inside the caller's transaction. `db`: runs its own. `reader`: only reads.
"""
