"""Counts the values of a JSON text before any takes memory."""

import re
from functools import lru_cache


def has_more(data: bytes | bytearray, marks: bytes, most: int) -> bool:
    """Whether JSON has more than `most` marks outside of its texts. Marks are commas and opening brackets.

    Counts in steps of a thousand, and no further than `most`. JSON that is damaged has no more after the damage.
    """
    if len(data) <= most or sum(data.count(mark) for mark in marks) <= most:
        return False
    thousand, place, seen = _thousand(marks), 0, 0
    while seen <= most and (found := thousand.match(data, place)):
        place, seen = found.end(), seen + 1_000
    return seen > most


@lru_cache
def _thousand(marks: bytes) -> re.Pattern[bytes]:
    of = re.escape(marks)
    return re.compile(rb'(?:(?:[^"%b]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[%b]){1000}' % (of, of), re.DOTALL)
