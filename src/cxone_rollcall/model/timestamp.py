"""Times of the APIs.

Those of `incontact` are UTC with a Z and a fraction of any length, those of tokens are seconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)

YEAR_10000 = 253402300800.0
"""Seconds since the epoch. No date reaches it."""


def parse_timestamp(text: str | None) -> float | None:
    """Seconds since the epoch, or None if `text` is no timestamp. Without an offset it is read as UTC."""
    found = _TIMESTAMP.fullmatch(text.strip()) if text else None
    if found is None:
        return None
    day, time, fraction, offset = found.groups()
    zone = "+00:00" if offset is None or offset in "Zz" else offset
    try:
        whole = datetime.fromisoformat(f"{day}T{time}{zone}").timestamp()
    except (ValueError, OverflowError):
        return None
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def seconds_of(number: object) -> float | None:
    """Return a number as seconds since the epoch. None if it is no number, or no plausible date."""
    if not isinstance(number, int | float) or isinstance(number, bool) or not 0 <= number < YEAR_10000:
        return None
    return float(number)


def format_timestamp(seconds: float, timespec: str = "milliseconds") -> str:
    """A timestamp as we send it, with a Z. A server reads the + of an offset in a query as a blank."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
