"""One SQLite file: who was in which state when."""
