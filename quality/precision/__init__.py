"""Measures the diagnosis: healthy tenants, each fault and each pair of faults, judged against the truth."""
