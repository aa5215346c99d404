"""When to ask again, and how long to wait until then: functions of values."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from cxone_rollcall.model.failure import FailureKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TRIES = {
    FailureKind.UNREACHABLE: 4,
    FailureKind.SERVER_TROUBLE: 4,
    FailureKind.DAMAGED: 4,
    FailureKind.NOT_THE_API: 2,
    FailureKind.HOST_NOT_FOUND: 2,
    FailureKind.TIMED_OUT: 2,
}
"""How often a request is tried for each kind of trouble that may pass; any other kind is final at once."""
THROTTLES_IN_A_ROW = 6
"""How many 429 answers in a row, with no good answer to anybody in between, end a request."""
LONGEST_RETRY_AFTER = 120.0
"""Seconds. A server that asks for more is not waited for: the reader is told instead."""
LONGEST_OUTAGE = 30.0
"""Seconds that a 503 may ask for and that one request waits; it holds up nobody else."""
FIRST_WAIT = 0.2
FIRST_THROTTLE_WAIT = 0.5
_LONGEST_WAIT = 8.0


def wait_before_retry(
    kind: FailureKind, tries: int, *, random: Callable[[], float], retry_after: float | None = None
) -> float | None:
    """Return the seconds to wait before a request is tried again, None where it has been tried enough.

    `tries` counts those already made; `random` gives numbers from 0 to 1. Waits double, with jitter, up to 8 s.
    A server in trouble may say how long it needs (`retry_after`): it is waited for where that is bearable.
    """
    if tries >= TRIES.get(kind, 1):
        return None
    wait, asked_for = _jittered(FIRST_WAIT, tries, random), retry_after or 0.0
    return max(wait, asked_for) if asked_for <= LONGEST_OUTAGE else wait


def wait_when_throttled(
    retry_after: float | None, throttles_in_a_row: int, *, random: Callable[[], float]
) -> float | None:
    """Return the seconds for which everybody pauses after a 429, None where waiting has become pointless.

    Retry-After is obeyed where it is there and bearable. It is unreliable in the field: without it (or with one of
    0) the waits double from half a second, and where it was obeyed and was too short they do so too.
    """
    if throttles_in_a_row > THROTTLES_IN_A_ROW or (retry_after or 0) > LONGEST_RETRY_AFTER:
        return None
    if retry_after and throttles_in_a_row == 1:
        return retry_after
    return max(retry_after or 0.0, _jittered(FIRST_THROTTLE_WAIT, throttles_in_a_row, random))


def read_retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Read Retry-After, seconds or a date, as seconds from now; None where it is absent or unreadable.

    `now` is this machine's time; a date is measured against the answer's own `Date`, because the two clocks may
    differ by more than the wait.
    """
    said = headers.get("retry-after", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said[:12])
    until = read_http_date(said)
    if until is None:
        return None
    served_at = read_http_date(headers.get("date", ""))
    return max(0.0, until - (now if served_at is None else served_at))


def read_http_date(said: str) -> float | None:
    """Read an HTTP date as seconds since the epoch; None where it is none."""
    try:
        date = parsedate_to_datetime(said)
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _jittered(first: float, tries: int, random: Callable[[], float]) -> float:
    longest = min(_LONGEST_WAIT, first * 2.0 ** (tries - 1))
    return longest * (0.5 + random() / 2)
