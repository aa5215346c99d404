"""The board for browsers, programs and Prometheus."""
