"""Finding products: Elasticsearch, and PostgreSQL's full-text search that stands in for it.

`question.py` says what can be asked and `answer.py` what comes back; both engines, `elastic/` and
`standin/`, speak just that. `switch.py` decides who answers. `documents.py` says what search knows
of a product; `indexing/` keeps it up to date.
"""
