"""Observations: typed facts from one run. Checks judge these and nothing else."""
