"""The import of a catalogue: columns, records, rows, chunks, and the job that writes them."""
