"""The command line: one file per command; `main` prints all errors."""
