"""History of one tenant: who was in which state when, kept in one SQLite file."""
