"""Which times of a schedule are read, and which shifts are one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.schedules import FIVE, GOOD, HEADER, NINE, NOON, ROWS, WHOLE_DAY, at, read, refused, spans, table

from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.times import TimeReader, moment_of


def test_offsets_are_better_than_the_zone(tmp_path: Path) -> None:
    """A time without offset needs a zone, unless its column says UTC."""
    row = "who,start,end,activity\n100,2026-03-02T08:00Z,2026-03-02T12:00:00.9+01:00,Open\n"
    assert spans(read(tmp_path, row, zone=None), "100") == [(NINE, NOON, "Open")]
    message = refused(tmp_path, table("who,start,end,activity", ROWS), zone=None)
    assert message.startswith("plan.csv, line 2: '2026-03-02 09:00' has no offset, and no zone is given")
    assert "--tz" in message
    utc = "who,startTimeUTC,endTimeUTC,activity\n100,2026-03-02T08:00,2026-03-02T11:00,Open\n"
    assert spans(read(tmp_path, utc), "100") == [(NINE, NOON, "Open")]
    zoned = Layout(zone=ZoneInfo("America/New_York"))
    new_york = (at("2026-03-02T09:00-05:00"), at("2026-03-02T12:00-05:00"), "Open")
    assert spans(read(tmp_path, table("who,start,end,activity", ROWS[:1]), layout=zoned), "100") == [new_york]


def test_times_of_day_with_a_date(tmp_path: Path) -> None:
    """Times of day belong to the date of their row. An end before the begin is on the next day."""
    rows = "who,date,start,end,activity\n"
    rows += "100,2026-03-02,9:00,12:00,Open\n100,2026-03-02,12:00 pm,1:00 PM,Lunch\n100,2026-03-02,1300,17:00:00,Open\n"
    assert spans(read(tmp_path, rows), "100") == WHOLE_DAY
    for begin, end, hours in (
        ("22:00", "06:00", 8),
        ("18:00", "00:00", 6),
        ("18:00", "24:00", 6),
        ("0:00", "0:00", 24),
    ):
        ((first, last, _),) = spans(read(tmp_path, rows.splitlines()[0] + f"\n1,2026-03-02,{begin},{end},Open\n"), "1")
        assert (first, last - first) == (at(f"2026-03-02T{begin:0>5}"), hours * 3600)
    assert "line 2: this shift does not end" in refused(
        tmp_path, rows.splitlines()[0] + "\n1,2026-03-02,9:00,9:00,Open\n"
    )


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ("mmddyyyy", "03022026"),
        ("mmddyyyy", "3/2/2026"),
        ("ddmmyyyy", "02.03.2026"),
        ("yymmdd", "260302"),
        ("yyyyddmm", "2026-02-03"),
        ("ddmmyy", "2.3.26"),
    ],
)
def test_dates_in_other_orders(tmp_path: Path, order: str, text: str) -> None:
    """Dates are read in the order of the layout, separated or not."""
    layout = Layout(dates=order)
    with_day = f"who,day,start,end,activity\n100,{text},9:00 AM,12:00 PM,Open\n"
    assert spans(read(tmp_path, with_day, layout=layout), "100") == [(NINE, NOON, "Open")]
    in_one = f"who,start,end,activity\n100,{text} 09:00,{text} 12:00,Open\n"
    assert spans(read(tmp_path, in_one, layout=layout), "100") == [(NINE, NOON, "Open")]


def test_rows_that_meet(tmp_path: Path) -> None:
    """Rows of one activity that meet are one shift. Overlaps and equal rows are noted."""
    touching = HEADER + GOOD + "100,2026-03-02T12:00,2026-03-02T17:00,open\n"
    assert spans(read(tmp_path, touching), "100") == [(NINE, FIVE, "Open")]
    assert len(read(tmp_path, touching).notes) == 1  # of the zone
    twice = read(tmp_path, HEADER + GOOD + GOOD)
    assert spans(twice, "100") == [(NINE, NOON, "Open")]
    assert [note.partition(": ")[2] for note in twice.notes[1:]] == ["the same row twice counts once (lines 2 and 3)."]
    assert read(tmp_path, HEADER + "1,2026-03-02T09:00Z,2026-03-02T12:00Z,Open\n").notes == ()
    over = read(tmp_path, HEADER + "100,2026-03-02T10:00,2026-03-02T11:00,Open\n" * 5 + GOOD)
    assert spans(over, "100") == [(NINE, NOON, "Open")]
    assert "overlapping rows of one activity count once (lines 7 and 2, lines" in over.notes[1]
    assert "and 2 more" in over.notes[1] or len(over.notes) == 3


def test_an_overlap_within_a_long_shift_is_found(tmp_path: Path) -> None:
    """A second activity within a long shift is refused. A row between them hides nothing."""
    rows = HEADER + "1,2026-03-02T09:00,2026-03-02T17:00,Open\n1,2026-03-02T10:00,2026-03-02T11:00,Open\n"
    message = refused(tmp_path, rows + "1,2026-03-02T16:00,2026-03-02T16:30,Lunch\n")
    assert "line 4 (with line 2): 'Open' and 'Lunch' of '1' overlap" in message


def test_local_times_that_clocks_skip_or_repeat(tmp_path: Path) -> None:
    """Skipped times are the moment of the jump, repeated ones the first. Both are noted."""
    spring = HEADER + "1,2026-03-28T22:00,2026-03-29T02:30,Open\n1,2026-03-29T02:30,2026-03-29T03:00,Lunch\n"
    spring += "1,2026-03-29T03:00,2026-03-29T06:00,Training\n"
    schedule = read(tmp_path, spring)
    jump = at("2026-03-29T03:00+02:00")
    assert spans(schedule, "1") == [
        (at("2026-03-28T22:00+01:00"), jump, "Open"),
        (jump, at("2026-03-29T06:00+02:00"), "Training"),
    ]
    assert "clocks skip is read as the moment of the jump (line 2, line 3)" in schedule.notes[1]
    autumn = HEADER + "1,2026-10-24T22:00,2026-10-25T02:30,Open\n1,2026-10-25T02:30,2026-10-25T03:00,Lunch\n"
    schedule = read(tmp_path, autumn)
    half_past_two = at("2026-10-25T02:30+02:00")
    assert spans(schedule, "1") == [
        (at("2026-10-24T22:00+02:00"), half_past_two, "Open"),
        (half_past_two, at("2026-10-25T03:00+01:00"), "Lunch"),
    ]
    assert "comes twice is read as the first (line 2, line 3)" in schedule.notes[1]
    back = read(tmp_path, HEADER + "1,2026-10-25T02:45,2026-10-25T02:15,Open\n")
    assert spans(back, "1") == [(at("2026-10-25T02:45+02:00"), at("2026-10-25T02:15+01:00"), "Open")]
    assert "read as the second" in back.notes[2]
    only_skipped = read(tmp_path, HEADER + "1,2026-03-29T02:10,2026-03-29T02:40,Open\n")
    assert spans(only_skipped, "1") == []


@given(
    cuts=st.lists(st.integers(0, 2 * 86400), min_size=2, max_size=9, unique=True),
    day=st.sampled_from(["2026-03-28", "2026-10-24", "2026-06-01"]),
    order=st.randoms(use_true_random=False),
)
def test_a_day_in_pieces_never_overlaps(
    cuts: list[int], day: str, order: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Local times in order stay in order on days when clocks change."""
    start = datetime.fromisoformat(day).timestamp()
    texts = [datetime.fromtimestamp(start + cut).isoformat() for cut in sorted(cuts)]  # noqa: DTZ006  local arithmetic
    rows = [
        f"1,{begin},{end},{'Open' if number % 2 else 'Lunch'}\n" for number, (begin, end) in enumerate(pairwise(texts))
    ]
    order.shuffle(rows)  # type: ignore[attr-defined]
    schedule = read(tmp_path_factory.mktemp("plan"), HEADER + "".join(rows))
    shifts = spans(schedule, "1")
    assert [shift[0] for shift in shifts[1:]] == [shift[1] for shift in shifts[:-1]]


@pytest.mark.parametrize(
    ("text", "order", "read"),
    [
        ("2000-01-01T00:00", "", "2000-01-01T00:00"),
        ("2199-12-31T23:59:59", "", "2199-12-31T23:59:59"),
        ("03/02/2026 24:00", "mmddyyyy", "2026-03-03T00:00"),
        ("03/02/2026 9:05:07", "mmddyyyy", "2026-03-02T09:05:07"),
        ("03/02/2026 090507", "mmddyyyy", "2026-03-02T09:05:07"),
        ("03/02/2026T0905", "mmddyyyy", "2026-03-02T09:05"),
        ("03/02/2026 9:05:07.123456789", "mmddyyyy", "2026-03-02T09:05:07"),
        ("03/02/2026 12:00 am", "mmddyyyy", "2026-03-02T00:00"),
        ("03/02/2026 12:30 P.M.", "mmddyyyy", "2026-03-02T12:30"),
        ("03/02/2026 1:00am", "mmddyyyy", "2026-03-02T01:00"),
        ("03/02/2026 11:59 PM", "mmddyyyy", "2026-03-02T23:59"),
        ("03/02/2026", "mmddyyyy", "2026-03-02T00:00"),
        ("20260302 09:00", "yyyymmdd", "2026-03-02T09:00"),
        ("2/3/26 09:00", "ddmmyy", "2026-03-02T09:00"),
        ("260203 09:00", "yyddmm", "2026-03-02T09:00"),
        ("030226 09:00", "mmddyy", "2026-03-02T09:00"),
    ],
)
def test_each_form_of_a_time(text: str, order: str, read: str) -> None:
    """Seconds, AM and PM are read. 24:00 is the end of its day."""
    reader = TimeReader(UTC, order)
    assert reader.moment(text) == (int(datetime.fromisoformat(read).replace(tzinfo=UTC).timestamp()), None, False)
    assert reader.zones == {"UTC"}


@pytest.mark.parametrize(
    ("day", "order"),
    [
        ("Mon, 03 / 02 / 2026", "mmddyyyy"),
        ("Mo. 02.03.26.", "ddmmyy"),
        ("2026 03 02", "yyyymmdd"),
        ("03-02-26", "mmddyy"),
    ],
)
def test_a_date_of_its_own(day: str, order: str) -> None:
    """A date may have any usual signs, and a weekday before it."""
    assert TimeReader(UTC, order).moment("08:00", day).at == NINE


@pytest.mark.parametrize(
    ("text", "day", "order", "words"),
    [
        ("1999-12-31T23:59", "", "", "is in the year 1999"),
        ("2200-01-01T00:00", "", "", "is in the year 2200"),
        ("24:01", "2026-03-02", "", "is no time of day such as 09:00 or 9:00 PM"),
        ("24:00:01", "2026-03-02", "", "is no time of day"),
        ("25:00", "2026-03-02", "", "is no time of day"),
        ("09:60", "2026-03-02", "", "is no time of day"),
        ("09:00:60", "2026-03-02", "", "is no time of day"),
        ("0:00 AM", "2026-03-02", "", "is no time of day"),
        ("13:00 PM", "2026-03-02", "", "is no time of day"),
        ("9", "2026-03-02", "", "is no ISO time such as"),
        ("09:00", "02.03.2026", "", "'02.03.2026' is no ISO date such as 2026-03-02"),
        ("09:00", "13/02/2026", "mmddyyyy", "'13/02/2026' is no date in the order mmddyyyy"),
        ("09:00", "3/2", "mmddyyyy", "'3/2' is no date in the order mmddyyyy"),
        ("09:00", "0302026", "mmddyyyy", "is no date in the order mmddyyyy"),
        ("09:00", "3/2/2026/1", "mmddyyyy", "is no date in the order mmddyyyy"),
        ("3/2/2026 soon", "", "mmddyyyy", "is no date in the order"),
        ("3/2/2026 noon", "", "mmddyyyy", "is no date in the order"),
        ("3/2/2026x", "", "mmddyyyy", "is no date in the order"),
        ("\u0663/2/2026", "", "mmddyyyy", "is no date in the order"),
        ("09:00", "3/2/2026 (Mon)", "mmddyyyy", "is no date in the order"),
        ("3/2/2026 9", "", "mmddyyyy", "'9' is no time of day"),
    ],
)
def test_what_is_no_time(text: str, day: str, order: str, words: str) -> None:
    """The error says what is wrong with which text."""
    with pytest.raises(ValueError, match=words):
        TimeReader(UTC, order).moment(text, day)


def test_a_time_without_an_offset_needs_a_zone() -> None:
    """One with an offset needs none, and is not noted."""
    reader = TimeReader(None)
    assert reader.moment("2026-03-02T09:00+01:00") == (NINE, None, False)
    assert reader.zones == set()
    with pytest.raises(ValueError, match="has no offset, and no zone is given"):
        reader.moment("2026-03-02T09:00")


@pytest.mark.parametrize(
    ("begin", "end", "day", "hours"),
    [
        ("09:00", "09:00", "2026-03-02", 0),
        ("0:00", "00:00", "2026-03-02", 24),
        ("00:00:00", "24:00", "2026-03-02", 24),
        ("09:00", "08:59", "2026-03-02", 24 - 1 / 60),
        ("2026-03-02T00:00", "00:00", "2026-03-02", 24),
        ("2026-03-02T22:00", "06:00", "2026-03-02", 8),
        ("2026-03-02T22:00", "2026-03-02T06:00", "2026-03-02", -16),
        ("2026-03-02T00:00", "2026-03-02T00:00", "", 0),
    ],
)
def test_an_end_on_the_next_day(begin: str, end: str, day: str, hours: float) -> None:
    """An end before the begin is on the next day. Midnight to midnight is a day."""
    first, last = TimeReader(UTC).span(begin, end, day)
    assert last.at - first.at == round(hours * 3600)


def test_a_moment_that_comes_twice_or_never() -> None:
    """The first of two counts, and the second is known. A skipped time is the jump."""
    berlin, gap, twice = ZoneInfo("Europe/Berlin"), datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert moment_of(gap, berlin) == (at("2026-03-29T03:00+02:00"), None, True)
    first, second = at("2026-10-25T02:30+02:00"), at("2026-10-25T02:30+01:00")
    assert moment_of(twice, berlin) == (first, second, False)
    assert moment_of(twice.replace(tzinfo=UTC, microsecond=999_999), berlin) == (first + 7200, None, False)
