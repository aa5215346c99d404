"""Asks the state of each agent by id, in batches: `v2`."""
