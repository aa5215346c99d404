"""The words of reports: titles, times, time spans, percentages, coverage."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_values import together
from tests.views.reports.made import BERLIN, DAY, at, report

from cxone_rollcall.views.reports.words import clock, coverage, duration, iso, percentage, title, window


def test_a_whole_day_is_its_date() -> None:
    """The title of a report of one day is that day. It may have 23 hours."""
    assert title(report()) == "Timeline, Monday 2 March 2026"
    assert title(report(begin=datetime(2026, 3, 29, tzinfo=BERLIN))) == "Timeline, Sunday 29 March 2026"


@together(
    "shown",
    {
        "hours of a day": (at(9), at(17.5), "Monday 2 March 2026, 09:00 to 17:30"),
        "two days": (DAY, at(48), "Monday 2 March 2026, 00:00 to Wednesday 4 March 2026, 00:00"),
        "seconds": (at(9), at(9 + 1 / 3600), "Monday 2 March 2026, 09:00 to 09:00:01"),
    },
)
def test_other_windows_have_both_ends(shown: tuple[datetime, datetime, str]) -> None:
    """A window that is no whole day has both ends."""
    begin, end, words = shown
    assert window(begin, end) == words


def test_a_clock_that_shows_a_time_twice_has_its_offset() -> None:
    """In the hour that occurs twice, a time has its offset. Others have none."""
    day = datetime(2026, 10, 25, tzinfo=BERLIN)
    assert [clock(at(hour, day)) for hour in (1, 2, 3, 4)] == ["01:00", "02:00 +02:00", "02:00 +01:00", "03:00"]


def test_iso_times_have_an_offset() -> None:
    """A time for programs is ISO 8601 with its offset."""
    assert iso(at(9)) == "2026-03-02T09:00:00+01:00"
    assert iso(datetime.fromisoformat("2026-03-02T09:00:00+00:00")) == "2026-03-02T09:00:00Z"


@given(st.integers(0, 10**9))
def test_a_duration_keeps_each_second(seconds: int) -> None:
    """Hours, minutes and seconds add up to what they are made of."""
    hours, minutes, rest = (int(part.replace(",", "")) for part in duration(seconds).split(":"))
    assert (hours * 60 + minutes) * 60 + rest == seconds
    assert minutes < 60 > rest


@given(st.floats(0, 100, exclude_max=True))
def test_less_than_everything_is_never_shown_as_everything(value: float) -> None:
    """Only 100 is shown as 100.00."""
    assert percentage(value) != "100.00" == percentage(100.0)


@together(
    "said",
    {
        "none": (0, 0, "there is no agent"),
        "all": (100, 100, "100 %. Each agent's state is known for the whole window."),
        "almost all": (999_999, 1_000_000, "99.99 %"),
        "nothing": (0, 100, "Coverage: 0.00 %. Known are 0:00:00 of 0:01:40 hours"),
    },
)
def test_the_coverage_says_how_much_is_known(said: tuple[int, int, str]) -> None:
    """The coverage has both its parts. Without agents there is no figure."""
    known, whole, words = said
    assert words in coverage(report(known=known, window=whole))


def test_the_coverage_of_adherence_is_that_of_scheduled_time() -> None:
    """Adherence knows a part of the scheduled time, or has nothing scheduled."""
    assert "of scheduled time" in coverage(report("adherence"))
    assert "no scheduled time" in coverage(report("adherence", window=0))
