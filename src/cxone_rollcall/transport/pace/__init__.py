"""The pace of requests: pauses, rate, concurrency and backoff."""
