"""The wire contracts, without I/O: they make requests and read answers."""
