"""Changes one place of the sources at a time. A test should fail."""
