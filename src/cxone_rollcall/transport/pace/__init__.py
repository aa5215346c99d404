"""How fast requests leave: pauses, rate, bursts, concurrency and backoff."""
