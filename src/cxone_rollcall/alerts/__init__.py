"""Alerts: conditions over boards. They begin and end only on evidence."""
