"""Progress of a campaign, on stderr."""

import sys


def say(text: str) -> None:
    """Print a line to stderr at once."""
    print(text, file=sys.stderr, flush=True)
