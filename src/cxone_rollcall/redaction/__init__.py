"""Redaction: removes secrets and people from what is kept or shown. Pure."""
