"""Rollcall accounts for every agent of a NICE CXone contact centre."""
