"""Which times of a schedule are read, and which shifts are one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.reports.schedules import FIVE, GOOD, HEADER, NINE, NOON, ROWS, WHOLE_DAY, at, read, refused, spans, table

from cxone_rollcall.reports.adherence.layout import Layout


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
