"""Relations, files by domain: all rows of a level are asked for in one statement."""
