"""When to send again, and after how long: pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.model.failure import FailureKind
from cxone_rollcall.transport.pace.backoff import (
    LONGEST_RETRY_AFTER,
    THROTTLES_IN_A_ROW,
    TRIES,
    read_http_date,
    read_retry_after,
    wait_before_retry,
    wait_when_throttled,
)

DATE = "Mon, 02 Mar 2026 10:30:00 GMT"
AT = 1772447400.0


@pytest.mark.parametrize("kind", FailureKind)
def test_which_failures_are_retried(kind: FailureKind) -> None:
    """Temporary trouble is retried a few times, anything else is final."""
    waits = [wait_before_retry(kind, tries, random=lambda: 1.0) for tries in range(1, 9)]
    tried = TRIES.get(kind, 1)
    assert [wait is not None for wait in waits] == [True] * (tried - 1) + [False] * (9 - tried)


def test_how_often_trouble_is_tried() -> None:
    """What may pass at once is tried four times. What costs time or seldom passes is tried twice."""
    twice = {FailureKind.NOT_THE_API, FailureKind.TOO_MUCH, FailureKind.HOST_NOT_FOUND, FailureKind.TIMED_OUT}
    four_times = {FailureKind.UNREACHABLE, FailureKind.SERVER_TROUBLE, FailureKind.DAMAGED}
    assert {**dict.fromkeys(twice, 2), **dict.fromkeys(four_times, 4)} == TRIES


@pytest.mark.parametrize(
    "kind",
    [
        FailureKind.UNAUTHORIZED,
        FailureKind.FORBIDDEN,
        FailureKind.NOT_FOUND,
        FailureKind.REJECTED,
        FailureKind.TOO_LARGE,
        FailureKind.CERTIFICATE,
        FailureKind.RATE_LIMITED,
    ],
)
def test_what_is_final(kind: FailureKind) -> None:
    """Failures that a retry cannot fix are not retried."""
    assert wait_before_retry(kind, 1, random=lambda: 0.5) is None


@given(st.integers(1, 3), st.floats(0, 1))
def test_waits_double(tries: int, drawn: float) -> None:
    """Waits double, each with up to half of it as jitter."""
    wait = wait_before_retry(FailureKind.UNREACHABLE, tries, random=lambda: drawn)
    assert wait is not None
    assert 0.1 * 2 ** (tries - 1) <= wait <= 0.2 * 2 ** (tries - 1)


@given(st.integers(1, THROTTLES_IN_A_ROW), st.floats(0, 1))
def test_throttled_backoff(in_a_row: int, drawn: float) -> None:
    """Without a Retry-After pauses double from 0.5 to 8 seconds."""
    wait = wait_when_throttled(None, in_a_row, random=lambda: drawn)
    assert wait is not None
    assert min(8.0, 0.5 * 2 ** (in_a_row - 1)) / 2 <= wait <= min(8.0, 0.5 * 2 ** (in_a_row - 1))
    assert wait_when_throttled(0.0, in_a_row, random=lambda: drawn) == wait


@pytest.mark.parametrize(
    ("retry_after", "in_a_row", "wait"),
    [
        (3.0, 1, 3.0),
        (LONGEST_RETRY_AFTER, 1, LONGEST_RETRY_AFTER),
        (LONGEST_RETRY_AFTER + 1, 1, None),
        (1e11, 1, None),
        (3.0, 3, 3.0),
        (3.0, THROTTLES_IN_A_ROW, 4.0),
        (3.0, THROTTLES_IN_A_ROW + 1, None),
        (None, THROTTLES_IN_A_ROW + 1, None),
    ],
)
def test_when_waiting_is_pointless(retry_after: float | None, in_a_row: int, wait: float | None) -> None:
    """A too long Retry-After or too many 429s end the request.

    Other pauses are obeyed, or exceeded if they were too short.
    """
    assert wait_when_throttled(retry_after, in_a_row, random=lambda: 0.0) == wait


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("007", 7.0),
        ("999999999999999999999999", 999999999999.0),
        ("Mon, 02 Mar 2026 10:30:09 GMT", 9.0),
        ("Monday, 02-Mar-26 10:30:09 GMT", 9.0),
        ("Mon Mar  2 10:30:09 2026", 9.0),
        ("Mon, 02 Mar 2026 10:30:09 -0000", 9.0),
        ("Mon, 02 Mar 2026 10:29:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("7.5", None),
        ("7 s", None),
        ("٧", None),
        ("Mon, 99 Mar 2026 10:30:09 GMT", None),
        ("Mon, 02 Mar 99999 10:30:09 GMT", None),
    ],
)
def test_retry_after(said: str, seconds: float | None) -> None:
    """Retry-After is seconds or a date. The date is measured by the response's own Date, not our clock."""
    for now in (0.0, AT, 1e12):
        assert read_retry_after({"retry-after": said, "date": DATE}, now=now) == seconds
    assert read_retry_after({"date": DATE}, now=AT) is None


def test_retry_after_without_a_date() -> None:
    """If the answer has no Date, our own clock is used."""
    assert read_retry_after({"retry-after": "Mon, 02 Mar 2026 10:30:09 GMT"}, now=AT) == 9.0
    assert read_retry_after({"retry-after": "Mon, 02 Mar 2026 10:30:09 GMT", "date": "?"}, now=AT) == 9.0


@given(st.text(max_size=60))
def test_any_retry_after(said: str) -> None:
    """Any Retry-After gives None or a wait that is not negative."""
    wait = read_retry_after({"retry-after": said, "date": said}, now=0.0)
    assert wait is None or wait >= 0
    read_http_date(said)


@pytest.mark.parametrize(("asked_for", "wait"), [(None, 0.1), (0.0, 0.1), (2.0, 2.0), (30.0, 30.0), (31.0, 0.1)])
def test_retry_after_of_a_503_is_obeyed_up_to_a_limit(asked_for: float | None, wait: float) -> None:
    """Retry-After lengthens the wait after a 503 up to `LONGEST_OUTAGE`. Beyond that the usual wait is kept."""
    kind = FailureKind.SERVER_TROUBLE
    assert wait_before_retry(kind, 1, random=lambda: 0.0, retry_after=asked_for) == pytest.approx(wait)
    assert wait_before_retry(kind, TRIES[kind], random=lambda: 0.0, retry_after=asked_for) is None
