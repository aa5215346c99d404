"""Reads lists page by page."""
