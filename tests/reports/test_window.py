"""Words and ISO times as windows, in zones whose clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together

from cxone_rollcall.errors import SettingError
from cxone_rollcall.reports.window import Period, period_of
from cxone_rollcall.reports.zones import LENGTHS, Length, buckets, instant, midnight, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 26, 14, 3, 10, tzinfo=BERLIN).timestamp()
"""A Thursday."""


def shown(period: Period) -> tuple[str, str]:
    """Begin and end of a period, without the offset."""
    begin, end = (period.at(at).replace(tzinfo=None).isoformat(" ", "minutes") for at in (period.begin, period.end))
    return begin, end


@together(
    "case",
    {
        "yesterday": ("yesterday", None, "2026-11-25 00:00", "2026-11-26 00:00"),
        "today": ("today", None, "2026-11-26 00:00", "2026-11-26 14:03"),
        "today's weekday": ("Thursday", None, "2026-11-26 00:00", "2026-11-26 14:03"),
        "the last Friday": ("friday", None, "2026-11-20 00:00", "2026-11-21 00:00"),
        "from Monday on": ("monday", "now", "2026-11-23 00:00", "2026-11-26 14:03"),
        "this week": ("this week", None, "2026-11-23 00:00", "2026-11-26 14:03"),
        "last week": ("last-week", None, "2026-11-16 00:00", "2026-11-23 00:00"),
        "this month": ("this month", None, "2026-11-01 00:00", "2026-11-26 14:03"),
        "last month": ("last month", None, "2026-10-01 00:00", "2026-11-01 00:00"),
        "a day": ("2026-11-20", None, "2026-11-20 00:00", "2026-11-21 00:00"),
        "days, the last included": ("2026-11-20", "2026-11-21", "2026-11-20 00:00", "2026-11-22 00:00"),
        "times": ("2026-11-20T08:00", "2026-11-20 16:30", "2026-11-20 08:00", "2026-11-20 16:30"),
        "an offset": ("2026-11-20T08:00-05:00", "2026-11-20T15:00Z", "2026-11-20 14:00", "2026-11-20 16:00"),
        "a time of day": ("9:30", None, "2026-11-26 09:30", "2026-11-26 14:03"),
        "times of day": ("08:00:00", "12:15", "2026-11-26 08:00", "2026-11-26 12:15"),
        "a day's time of day": ("yesterday 16:00", "Thursday  9:00", "2026-11-25 16:00", "2026-11-26 09:00"),
        "to a time of that day": ("yesterday 9:00", "17:00", "2026-11-25 09:00", "2026-11-25 17:00"),
        "a night": ("yesterday 22:00", "06:00", "2026-11-25 22:00", "2026-11-26 06:00"),
        "until midnight": ("2026-11-20T16:00", "0:00", "2026-11-20 16:00", "2026-11-21 00:00"),
        "the morning of a day": ("yesterday", "09:00", "2026-11-25 00:00", "2026-11-25 09:00"),
        "to a day's time of day": ("yesterday 9:00", "today 10:00", "2026-11-25 09:00", "2026-11-26 10:00"),
        "of the day here": ("2026-11-24T23:30Z", "2:00", "2026-11-25 00:30", "2026-11-25 02:00"),
        "from a time on": ("2026-11-26T08:00", None, "2026-11-26 08:00", "2026-11-26 14:03"),
        "into the future": ("today", "2026-12-24", "2026-11-26 00:00", "2026-11-26 14:03"),
    },
)
def test_words_and_times(case: tuple[str, str | None, str, str]) -> None:
    """A day, week or month is whole; a time is a moment."""
    begin, end, *expected = case
    assert shown(period_of(begin, end, BERLIN, now=NOW)) == tuple(expected)


@together(
    "case",
    {
        "just before midnight": ("2026-11-25T23:59:59", "2026-11-24 09:00", "2026-11-24 17:00"),
        "just after midnight": ("2026-11-26T00:00:01", "2026-11-25 09:00", "2026-11-25 17:00"),
    },
)
def test_a_time_of_yesterday_on_both_sides_of_midnight(case: tuple[str, str, str]) -> None:
    """`--to 17:00` is of the day that `--from` names, whenever that is asked."""
    asked, *expected = case
    now = datetime.fromisoformat(asked).replace(tzinfo=BERLIN).timestamp()
    assert shown(period_of("yesterday 9:00", "17:00", BERLIN, now=now)) == tuple(expected)


def test_what_is_cut_is_noted() -> None:
    """A window that is cut at now has a note."""
    assert "ends now" in period_of("today", None, BERLIN, now=NOW).note
    assert period_of("yesterday", None, BERLIN, now=NOW).note == ""
    assert period_of("monday", "now", BERLIN, now=NOW).note == ""


BAD_WINDOWS = {
    "misspelt": ("yesterdy", None, "did you mean 'yesterday'"),
    "no time": ("soon-ish", None, "is no time"),
    "no such day": ("2026-02-30", None, "is no time"),
    "no such time of day": ("25:00", None, "is no time"),
    "a time of day of a week": ("last week 09:00", None, "is no time"),
    "a time of day of the first of all days": ("0001-01-01 09:00", None, "before 1970|is no time"),
    "later today": ("15:00", None, "in the future"),
    "in the future": ("2026-11-27", None, "in the future"),
    "backwards": ("today", "yesterday", "before it begins"),
    "empty": ("2026-11-20T08:00", "2026-11-20T08:00", "before it begins"),
    "long ago": ("1969-12-31", None, "before 1970"),
    "the first of all days": ("0001-01-01", None, "is no time"),
    "the last of all days": ("2026-11-01", "9999-12-31", "is no time"),
    "a skipped hour": ("2026-03-29T02:30", None, "does not exist"),
    "an hour that occurs twice": ("2026-10-25T02:30", None, "give its offset"),
}
"""Begin, end, and a part of the message."""


@together("case", BAD_WINDOWS)
def test_bad_windows_are_refused(case: tuple[str, str | None, str]) -> None:
    """A window without a meaning or a history is refused."""
    begin, end, message = case
    with pytest.raises(SettingError, match=message) as refused:
        period_of(begin, end, BERLIN, now=NOW)
    assert refused.value.example


def test_a_skipped_hour_is_refused_with_the_time_that_follows() -> None:
    """The example is what the clock shows instead. It is accepted."""
    with pytest.raises(SettingError) as refused:
        period_of("2026-03-29T02:30", None, BERLIN, now=NOW)
    assert refused.value.example == "--from 2026-03-29T03:30"
    assert period_of("2026-03-29T03:30", None, BERLIN, now=NOW).begin == 1774747800


@together(
    "case",
    {
        "forward": ("Europe/Berlin", "2026-03-29", 23),
        "back": ("Europe/Berlin", "2026-10-25", 25),
        "usual": ("Europe/Berlin", "2026-10-24", 24),
        "at midnight": ("America/Asuncion", "2023-10-01", 23),
        "half an hour": ("Australia/Lord_Howe", "2026-04-05", 24.5),
        "twice midnight": ("America/Havana", "2024-11-03", 25),
    },
)
def test_days_have_their_hours(case: tuple[str, str, float]) -> None:
    """A day lasts from midnight to midnight: 23, 24 or 25 hours."""
    zone, day, hours = case
    assert period_of(day, None, ZoneInfo(zone), now=NOW).seconds == hours * 3600


def test_unknown_zones_get_a_suggestion() -> None:
    """A misspelt zone is refused with the one that was meant."""
    assert str(zone_of("Europe/Berlin")) == "Europe/Berlin"
    with pytest.raises(SettingError, match="did you mean Europe/Berlin"):
        zone_of("europe/berlni")
    for name in ("", "Europe", "../etc/passwd", "Nowhere at all"):
        with pytest.raises(SettingError, match="no time zone"):
            zone_of(name)


def test_the_machines_zone_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default zone is the machine's, if it has a name."""
    monkeypatch.setenv("TZ", ":Asia/Kolkata")
    assert str(zone_of(None)) == "Asia/Kolkata"
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    with pytest.raises(SettingError, match="not known") as error:
        zone_of(None)
    assert error.value.example == "--tz Europe/Berlin"
    monkeypatch.delenv("TZ")
    if Path("/etc/localtime").exists():
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        assert moment.astimezone(zone_of(None)).utcoffset() == moment.astimezone().utcoffset()


ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/Sao_Paulo",
        "America/St_Johns",
        "America/Havana",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/Nuuk",
    ]
).map(ZoneInfo)
TIMES = st.integers(min_value=1_000_000_000, max_value=1_900_000_000)


def _changes(zone: ZoneInfo, begin: int, end: int) -> int:
    """The changes of the offset between two seconds, to a quarter hour."""
    offsets = [datetime.fromtimestamp(at, zone).utcoffset() for at in range(begin, end, 900)]
    return sum(one != other for one, other in pairwise(offsets))


@given(zone=ZONES, begin=TIMES, length=st.integers(min_value=1, max_value=300_000), step=st.sampled_from(LENGTHS))
def test_buckets_hold_each_second_once(zone: ZoneInfo, begin: int, length: int, step: Length) -> None:
    """Buckets have no holes; each lies within one of the wall clock."""
    made = buckets(begin, begin + length, zone, step)
    assert made[0][0] == begin
    assert made[-1][1] == begin + length
    assert all(one[1] == other[0] for one, other in pairwise(made))
    minutes = {"15m": 15, "30m": 30, "1h": 60, "1d": 1440}[step]
    for since, until in made:
        assert since < until
        first, last = (datetime.fromtimestamp(at, zone).replace(tzinfo=None) for at in (since, until - 1))
        if step != "1d":
            day = datetime.combine(first.date(), datetime.min.time())
            assert (first - day) // timedelta(minutes=minutes) == (last - day) // timedelta(minutes=minutes)
            assert first.date() == last.date()
    if step != "1d":
        shortest = length // (minutes * 60)
        assert shortest <= len(made) <= shortest + 2 + 2 * _changes(zone, begin - 900, begin + length + 900)


@given(zone=ZONES, day=st.dates(date(2002, 1, 1), date(2030, 1, 1)))
def test_days_begin_when_the_date_changes(zone: ZoneInfo, day: date) -> None:
    """A day begins at the first second that has its date."""
    at = midnight(day, zone)
    assert datetime.fromtimestamp(at - 1, zone).date() < day
    assert datetime.fromtimestamp(at, zone).date() >= day


@given(zone=ZONES, at=TIMES)
def test_wall_times_are_found_again(zone: ZoneInfo, at: int) -> None:
    """The instant of a wall time shows this time. One that occurs twice is refused."""
    wall = datetime.fromtimestamp(at, zone).replace(tzinfo=None)
    twice = wall.replace(tzinfo=zone, fold=0).utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset()
    if twice:
        with pytest.raises(SettingError, match="twice"):
            instant(wall, zone, "--from")
    else:
        assert instant(wall, zone, "--from") == at


@together("length", {"days": "1d", "hours": "1h", "quarters": "15m"})
def test_no_bucket_is_empty(length: Length) -> None:
    """A window that ends with a bucket has no empty one."""
    begin, end = midnight(date(2026, 10, 24), BERLIN), midnight(date(2026, 10, 26), BERLIN)
    made = buckets(begin, end, BERLIN, length)
    assert len(made) == {"1d": 2, "1h": 49, "15m": 196}[length]
    assert all(since < until for since, until in made)
