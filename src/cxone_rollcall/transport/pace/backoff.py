"""Backoff: whether and when to send a request again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from cxone_rollcall.model.failure import FailureKind

TRIES = {
    FailureKind.UNREACHABLE: 4,
    FailureKind.SERVER_TROUBLE: 4,
    FailureKind.DAMAGED: 4,
    FailureKind.NOT_THE_API: 2,
    FailureKind.TOO_MUCH: 2,
    FailureKind.HOST_NOT_FOUND: 2,
    FailureKind.TIMED_OUT: 2,
}
"""Tries for each kind of failure that may pass. Any other kind is final."""
THROTTLES_IN_A_ROW = 6
"""429s in a row, without any good response, that end a request."""
LONGEST_RETRY_AFTER = 120.0
"""Seconds. If a server asks for more, the request fails at once."""
LONGEST_OUTAGE = 30.0
"""Seconds of Retry-After that a request obeys after a 5xx. Other requests go on."""
FIRST_WAIT, FIRST_THROTTLE_WAIT = 0.2, 0.5
"""Seconds before the first retry. After a failure, and after a 429 without Retry-After; each further wait is twice
as long."""
_LONGEST_WAIT = 8.0


def wait_before_retry(
    kind: FailureKind, tries: int, *, random: Callable[[], float], retry_after: float | None = None
) -> float | None:
    """Seconds to wait before the next try, None after the last.

    `tries` counts those already made; `random` returns numbers from 0 to 1. Waits double, with jitter, up to 8 s.
    `retry_after` is obeyed up to `LONGEST_OUTAGE`.
    """
    if tries >= TRIES.get(kind, 1):
        return None
    wait, asked_for = _jittered(FIRST_WAIT, tries, random), retry_after or 0.0
    return max(wait, asked_for) if asked_for <= LONGEST_OUTAGE else wait


def wait_when_throttled(
    retry_after: float | None, throttles_in_a_row: int, *, random: Callable[[], float]
) -> float | None:
    """Seconds that all requests pause after a 429, None if pointless.

    Retry-After is obeyed up to `LONGEST_RETRY_AFTER`. If it is missing, 0, or was too short before, the waits double
    from half a second.
    """
    if throttles_in_a_row > THROTTLES_IN_A_ROW or (retry_after or 0) > LONGEST_RETRY_AFTER:
        return None
    if retry_after and throttles_in_a_row == 1:
        return retry_after
    return max(retry_after or 0.0, _jittered(FIRST_THROTTLE_WAIT, throttles_in_a_row, random))


def read_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Retry-After in seconds from now; None if missing or unreadable. The header is a number of seconds or a date.

    A date is compared with the answer's own `Date`, or with our time `now` without one: the clocks may differ.
    """
    value = headers.get("retry-after")
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdecimal():
        return float(value[:12])
    until = read_http_date(value)
    if until is None:
        return None
    served_at = read_http_date(headers.get("date"))
    return max(0.0, until - (now if served_at is None else served_at))


def read_http_date(text: str | None) -> float | None:
    """An HTTP date in seconds since the epoch. None if missing or invalid."""
    if text is None:
        return None
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _jittered(first: float, tries: int, random: Callable[[], float]) -> float:
    longest = min(_LONGEST_WAIT, first * 2.0 ** (tries - 1))
    return longest * (0.5 + random() / 2)
