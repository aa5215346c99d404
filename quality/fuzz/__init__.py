"""Fuzzes all functions that read bytes from outside, guided by coverage."""
