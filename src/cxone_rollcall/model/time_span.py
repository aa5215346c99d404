"""Spans of time as people write them: 90s, 30m, 1h30m, 2d."""

from __future__ import annotations

import re

_SPAN = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)
EXAMPLES = '"90s", "30m", "1h30m" or "2d"'


def parse_time_span(text: str) -> int | None:
    """The seconds of a span, or None if `text` is none."""
    found = _SPAN.fullmatch(text)
    if found is None or not text:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
