"""The shared kernel: settings, database, ids, money, time, errors, identity. Imports no room."""
