"""Changes one place of the sources at a time, to see that a test fails."""
