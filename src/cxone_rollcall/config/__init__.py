"""The settings: from flags, environment, `.env` and profiles; each value knows its source."""
