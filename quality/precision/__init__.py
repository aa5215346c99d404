"""Measures the diagnosis against the truth. Healthy tenants, each fault and each pair of faults are judged."""
