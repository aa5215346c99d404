"""The wire contracts, without I/O: requests out, bytes in."""
