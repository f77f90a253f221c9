"""Elasticsearch itself, for development and tests: built from the jars published for Maven.

The same engine as the official container, on 127.0.0.1 and without security. Parts whose modules
are not published as jars are registered by a module of our own (`plugin/`), under the stock names.
What it lacks against a stock node, so that our indices and queries do without: `_reindex` and
`_by_query`, scripts, ingest pipelines, the field types search_as_you_type, rank_feature,
scaled_float, match_only_text, join and geo_shape, pipeline aggregations, and the codec
best_compression (an index with it breaks at the first refresh).

The jars are under Elastic's licences. They are fetched when the node is built, into a folder that
git ignores; we neither commit them nor pass them on.
"""
