"""The values that all parts share: frozen, without I/O."""
