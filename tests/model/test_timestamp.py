"""Timestamps are read in all spellings, and written in one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.model.timestamp import format_timestamp, parse_timestamp

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC).timestamp()
SECONDS = st.floats(min_value=0, max_value=4e9)
"""From 1970 to 2096."""


@given(SECONDS)
def test_written_and_read(seconds: float) -> None:
    """A written timestamp is read as the same millisecond, never later."""
    read = parse_timestamp(format_timestamp(seconds))
    assert read is not None
    assert -1e-6 < seconds - read < 0.001001


@given(SECONDS)
def test_a_timestamp_as_text(seconds: float) -> None:
    """A timestamp is UTC with a Z and three decimals, query-safe."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", format_timestamp(seconds))


@given(st.integers(min_value=0, max_value=4 * 10**12))
def test_read_and_written(thousandths: int) -> None:
    """The server's own timestamp is written as the same text."""
    whole = datetime.fromtimestamp(thousandths // 1000, UTC)
    text = f"{whole:%Y-%m-%dT%H:%M:%S}.{thousandths % 1000:03d}Z"
    read = parse_timestamp(text)
    assert read is not None
    assert format_timestamp(read) == text


@given(st.integers(min_value=0, max_value=9), st.integers(min_value=0, max_value=10**9 - 1))
def test_fractions_of_a_second(digits: int, part: int) -> None:
    """A fraction has no digits or as many as nine."""
    part %= 10**digits
    fraction = f".{part:0{digits}d}" if digits else ""
    read = parse_timestamp(f"2026-11-22T12:00:00{fraction}Z")
    assert read == pytest.approx(NOON + part / 10**digits, abs=1e-6)


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00z",
        "2026-11-22 12:00:00",
        "2026-11-22t12:00:00",
        "2026-11-22T12:00Z",
        "2026-11-22T12:00:00,000Z",
        "  2026-11-22T12:00:00Z \n",
        "2026-11-22T12:00:00 Z",
        "2026-11-22T13:00:00+01:00",
        "2026-11-22T13:00:00+0100",
        "2026-11-22T13:00:00.000 +01:00",
        "2026-11-22T06:30:00-05:30",
        "2026-11-23T02:00:00+14:00",
        "2026-11-22T12:00:00-00:00",
    ],
)
def test_spellings_of_noon(said: str) -> None:
    """Noon is read from every spelling; without offset as UTC."""
    assert parse_timestamp(said) == NOON


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        " ",
        "yesterday",
        "2026-11-22",
        "12:00:00Z",
        "2026-11-22T",
        "2026-11-22T12Z",
        "2026-11-22T12:00:00.Z",
        "2026-11-22T12:00:00.1234567890Z",
        "2026-11-22T12:00:00ZZ",
        "2026-11-22T12:00:00+1",
        "2026-11-22T12:00:00+25:00",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T12:60:00Z",
        "0000-01-01T00:00:00Z",
        "1795349999",
        "Sun, 22 Nov 2026 12:00:00 GMT",
        "/Date(1795349999000)/",
        "\u0662\u0660\u0662\u0666-11-22T12:00:00Z",
        "2026-11-22T12:00:00Z; DROP",
        "-2026-11-22T12:00:00Z",
    ],
)
def test_texts_that_are_no_timestamps(said: str | None) -> None:
    """Texts that are no timestamps give None."""
    assert parse_timestamp(said) is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("0001-01-01T00:00:00Z", -62135596800.0),
        ("0001-01-01T00:00:00+14:00", -62135596800.0 - 14 * 3600),
        ("9999-12-31T23:59:59Z", 253402300799.0),
        ("9999-12-31T23:59:59-14:00", 253402300799.0 + 14 * 3600),
    ],
)
def test_the_ends_of_time(said: str, read: float | None) -> None:
    """The first and last moment in each zone are read exactly."""
    assert parse_timestamp(said) == read


@given(st.integers(-62000000000, 253400000000), st.integers(-14 * 60, 14 * 60))
def test_every_moment_in_every_zone(seconds: int, minutes: int) -> None:
    """A moment is the same in whatever zone it is written."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert parse_timestamp(moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()) == seconds


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?([.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?"))
def test_any_text(said: str) -> None:
    """Any text without a date of ten characters is no moment. No text raises an error."""
    read = parse_timestamp(said)
    if not re.search(r"\d{4}-\d\d-\d\d", said, re.ASCII):
        assert read is None
    if read is not None:
        assert -62135596800 - 86400 <= read <= 253402300800 + 86400
