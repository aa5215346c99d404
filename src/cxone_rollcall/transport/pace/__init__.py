"""How fast requests leave: pauses, rate, concurrency and backoff."""
