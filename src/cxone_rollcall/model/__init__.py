"""What the world is: frozen values, no I/O."""
