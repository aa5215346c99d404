"""The known word that a misspelt one probably means."""

from __future__ import annotations

from collections.abc import Iterable


def closest_match(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The most similar known word, or None.

    `cutoff` (0 to 1) is the similarity that it must reach.
    """
    from difflib import get_close_matches  # most runs have no misspelt word

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=cutoff)), None)
