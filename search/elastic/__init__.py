"""The search on Elasticsearch: the shape of its index, queries, answers."""
