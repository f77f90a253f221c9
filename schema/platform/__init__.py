"""Jobs, and the import of catalogues."""
