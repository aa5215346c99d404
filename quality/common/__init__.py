"""Parts that bench, strikes, precision and their tests share."""
