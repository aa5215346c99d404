"""Kills recorders at random moments, and judges their files."""
