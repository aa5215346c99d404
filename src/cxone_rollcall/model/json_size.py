"""Measures JSON: its values before decoding, its levels after it."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

DEEPEST = 200
"""Levels of a value that functions recurse into. An answer has some five; Python ends at 1,000 calls."""

MOST_EXPONENTS = 20_000
"""Numbers with an exponent of three digits, such as `1.7e308`. Decoding one takes 10 microseconds, a hundred times as
long as another number."""
_EXPONENT = re.compile(rb"\d[eE][+-]?\d{3,}+[\s,\]}]")
_SHORTEST = 6
"""Bytes of the shortest of them, with the comma after it."""


def has_slow_numbers(data: bytes | bytearray) -> bool:
    """Whether JSON has more than `MOST_EXPONENTS` numbers with a large exponent. It would take minutes to decode."""
    if len(data) <= MOST_EXPONENTS * _SHORTEST:
        return False
    return sum(1 for _ in islice(_EXPONENT.finditer(data), MOST_EXPONENTS + 1)) > MOST_EXPONENTS


def has_more(data: bytes | bytearray, marks: bytes, most: int) -> bool:
    """Whether JSON has more than `most` marks outside of its texts. Marks are commas and opening brackets.

    Counts in steps of a thousand, and no further than `most`. JSON that is damaged has no more after the damage.
    """
    if sum(data.count(mark) for mark in marks) <= most:
        return False
    thousand, place, seen = _thousand(marks), 0, 0
    while seen <= most and (found := thousand.match(data, place)):
        place, seen = found.end(), seen + 1_000
    return seen > most


def is_too_deep(value: object) -> bool:
    """Whether a decoded value has more than `DEEPEST` levels. From Python 3.12 on, thousands are decoded."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


@lru_cache
def _thousand(marks: bytes) -> re.Pattern[bytes]:
    of = re.escape(marks)
    return re.compile(rb'(?:(?:[^"%b]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+[%b]){1000}' % (of, of), re.DOTALL)
