"""The command line: one file a command; `main` runs them and is the one place that prints errors."""
