"""The live screen of a terminal, as pure functions."""
