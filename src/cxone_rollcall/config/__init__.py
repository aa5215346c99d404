"""The settings, from flags, environment, `.env` and profiles. Each value knows its source."""
