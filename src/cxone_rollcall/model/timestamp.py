"""Moments as the published contract writes them: UTC with a Z, a fraction of any length."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII | re.IGNORECASE
)


def read_moment(said: str | None) -> float | None:
    """Return a moment in seconds since the epoch; None where it is none. Without an offset it is UTC."""
    found = _MOMENT.fullmatch(said.strip()) if said else None
    if found is None:
        return None
    day, time, fraction, offset = found.groups()
    zone = "+00:00" if offset is None or offset in "Zz" else offset
    try:
        whole = datetime.fromisoformat(f"{day}T{time}{zone}").timestamp()
    except (ValueError, OverflowError):
        return None
    return whole + (float(f"0.{fraction}") if fraction else 0.0)


def write_moment(seconds: float) -> str:
    """Return a moment as it is sent: with a Z, because the + of an offset would be read as a blank."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
