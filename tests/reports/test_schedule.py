"""What is read from schedules, and how mistakes are shown."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxone_rollcall.errors import SettingError
from cxone_rollcall.reports.adherence.layout import Layout
from cxone_rollcall.reports.adherence.reading import read_schedule
from cxone_rollcall.reports.adherence.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")
DAY = (int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()), int(datetime(2026, 3, 3, tzinfo=UTC).timestamp()))


def at(text: str) -> int:
    """The seconds since the epoch of an ISO time, else in Berlin."""
    time = datetime.fromisoformat(text)
    return int((time if time.tzinfo else time.replace(tzinfo=BERLIN)).timestamp())


def read(
    folder: Path,
    content: str | bytes,
    *,
    name: str = "plan.csv",
    zone: ZoneInfo | None = BERLIN,
    layout: Layout | None = None,
    window: tuple[int, int] = DAY,
) -> Schedule:
    """The schedule of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_schedule(path, zone=zone, begin=window[0], end=window[1], layout=layout)


def refused(folder: Path, content: str | bytes, **options: object) -> str:
    """The message for a file that is refused, without its folder."""
    with pytest.raises(SettingError) as raised:
        read(folder, content, **options)  # type: ignore[arg-type]
    return f"{raised.value}\n{raised.value.example}".replace(f"{folder}/", "")


def spans(schedule: Schedule, who: str) -> list[tuple[int, int, str]]:
    """The shifts of a person, without their lines."""
    return [shift[:3] for shift in schedule.plans[who].shifts]


NINE, NOON, ONE, FIVE = (at(f"2026-03-02T{hour}") for hour in ("09:00", "12:00", "13:00", "17:00"))
WHOLE_DAY = [(NINE, NOON, "Open"), (NOON, ONE, "Lunch"), (ONE, FIVE, "Open")]
ROWS = (
    ("2026-03-02 09:00", "2026-03-02 12:00", "Open"),
    ("2026-03-02 12:00", "2026-03-02 13:00", "Lunch"),
    ("2026-03-02 13:00", "2026-03-02 17:00", "Open"),
)


def table(header: str, rows: Sequence[Sequence[str]], separator: str = ",") -> str:
    """A table of one person's rows."""
    lines = [header.replace(",", separator), *(separator.join(("100", *row)) for row in rows)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separators_and_marks(tmp_path: Path, separator: str, mark: str) -> None:
    """Each separator is found. A byte mark is no part of a name."""
    schedule = read(tmp_path, mark + table("who,start,end,activity", ROWS, separator))
    assert spans(schedule, "100") == WHOLE_DAY
    assert [note.partition(": ")[2] for note in schedule.notes] == ["times without an offset are in Europe/Berlin."]


def test_what_spreadsheets_write(tmp_path: Path) -> None:
    """UTF-16, Windows line ends, separator lines, quotes and blank lines are read."""
    text = table("who,start,end,activity", ROWS, "\t").replace("\n", "\r\n")
    assert spans(read(tmp_path, text.encode("utf-16")), "100") == WHOLE_DAY
    rows = 'sep=;\r\n"who";"start";"end";"activity"\r\n\r\n'
    rows += '"100";"2026-03-02 09:00";"2026-03-02 12:00";"Open; really"\r\n;;;\r\n'
    assert spans(read(tmp_path, rows), "100") == [(NINE, NOON, "Open; really")]


@pytest.mark.parametrize(
    "header",
    [
        "who,start,end,activity",
        "Agent ID,Start Time,End Time,Activity Code",
        "user_name,begin,stop,event",
        "E-Mail,from,to,Title",
        "logonID,startTime,stopTime,excName",
    ],
)
def test_columns_by_name(tmp_path: Path, header: str) -> None:
    """Columns are found by usual names, in any spelling and order."""
    schedule = read(tmp_path, table(header, ROWS))
    assert spans(schedule, "100") == WHOLE_DAY
    other = "\n".join(",".join(reversed(line.split(","))) for line in table(header, ROWS).splitlines())
    assert read(tmp_path, other).plans == schedule.plans


def test_columns_that_are_given(tmp_path: Path) -> None:
    """Columns with other names are given. One that is not there is refused."""
    text = table("Wer,von,bis,Was", ROWS)
    columns = {"who": "wer", "start": "von", "end": "bis", "activity": "was"}
    assert spans(read(tmp_path, text, layout=Layout(columns=columns)), "100") == WHOLE_DAY
    message = refused(tmp_path, text, layout=Layout(columns={**columns, "who": "name"}))
    assert "plan.csv, line 1: no column is called 'name'; there are 'Wer', 'von'" in message
    assert "line 1: no column is known to be the who" in refused(tmp_path, text)


def test_people_are_named_by_the_best_column(tmp_path: Path) -> None:
    """The best column with a text names the person."""
    rows = "email,agent_id,start,end,activity\nann@x.org,100,2026-03-02T09:00,2026-03-02T12:00,Open\n"
    rows += "Bob@X.org,,2026-03-02T09:00,2026-03-02T12:00,Open\n"
    schedule = read(tmp_path, rows)
    assert list(schedule.plans) == ["100", "bob@x.org"]
    assert schedule.plans["bob@x.org"].who == "Bob@X.org"


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


IEX = """#fields:excdate|schedDate|TZ|custID|muID|tvID|logonID|excName|start|stop
#a comment
03022026|03022026|Europe/Berlin|1|7|44|100|Open|09:00|12:00
03022026|03022026|Europe/Berlin|1|7|44|100|"Lunch|12:00|13:00
03022026|03022026|Europe/Berlin|1|7|44|100|Open|13:00|17:00
"""


def test_the_export_of_iex(tmp_path: Path) -> None:
    """An export of IEX is known by its first line. Its zone is that of the line."""
    schedule = read(tmp_path, IEX, name="agentScheduleDetail_030226_0600.txt", zone=None)
    assert spans(schedule, "100") == [(NINE, NOON, "Open"), (NOON, ONE, '"Lunch'), (ONE, FIVE, "Open")]
    assert [shift.line for shift in schedule.plans["100"].shifts] == [3, 4, 5]
    for header in ("#fields|", "#Fields ", "# fields: "):
        assert read(tmp_path, IEX.replace("#fields:", header), zone=None).plans == schedule.plans
    ordered = read(tmp_path, IEX.replace("03022026", "02.03.2026"), zone=None, layout=Layout(dates="ddmmyyyy"))
    assert ordered.plans == schedule.plans
    short = IEX.replace("Europe/Berlin", "EST")
    assert "line 3: '09:00' has no offset" in refused(tmp_path, short, zone=None)
    assert read(tmp_path, short).plans == schedule.plans


HEADER = "who,start,end,activity\n"
GOOD = "100,2026-03-02T09:00,2026-03-02T12:00,Open\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "plan.csv has no line with the names of columns"),
        ("\n \n", "plan.csv has no line with the names of columns"),
        ("100,2026-03-02T09:00,2026-03-02T12:00,Open\n", "line 1: no column is known to be the who"),
        (
            HEADER + GOOD + "100,2026-03-02T12:00,2026-03-02T11:00,Open\n",
            "line 3: this shift does not end after it begins",
        ),
        (HEADER + "100,2026-03-02T09:00,2026-03-02T09:00,Open\n", "line 2: this shift does not end after it begins"),
        (HEADER + "\n" + GOOD + ",2026-03-02T12:00,2026-03-02T13:00,Open\n", "line 4: this shift has no person"),
        (HEADER + "100,2026-03-02T12:00,2026-03-02T13:00,\n", "line 2: this shift has no activity"),
        (HEADER + "100,2026-03-02T12:00\n", "line 2: '' is no ISO time"),
        (HEADER + GOOD.replace("Open", "Open,x"), "line 2: this line has 5 fields, and the first line 4"),
        (HEADER + "100,03/02/2026 09:00,03/02/2026 12:00,Open\n", "line 2: '03/02/2026 09:00' is no ISO time"),
        (HEADER + "100,0026-03-02T09:00,2026-03-02T12:00,Open\n", "line 2: '0026-03-02T09:00' is in the year 26"),
        (HEADER + GOOD + GOOD.replace("Open", "Lunch"), "line 3 (with line 2): 'Lunch' and 'Open' of '100' overlap"),
        (HEADER + '100,"2026-03-02T09:00,2026-03-02T12:00,Open\n' + GOOD, "line 3: this is no line of a table"),
        (HEADER.replace(",", ";") + '100;"a"b;c;d\n', "line 2: this is no line of a table"),
    ],
)
def test_mistakes_have_their_line(tmp_path: Path, text: str, message: str) -> None:
    """A mistake in a table is shown with its file and line."""
    assert message in refused(tmp_path, text)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file in another encoding is refused with its line."""
    assert "line 3: this is not UTF-8 text" in refused(tmp_path, (HEADER + GOOD).encode() + b"\xfc,,,\n")
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SettingError, match="cannot be read"):
            read_schedule(path, zone=None, begin=0, end=1)


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


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
X-WR-CALNAME:100
BEGIN:VEVENT
UID:1
SUMMARY:Open
DTSTART;TZID=Europe/Berlin:20260223T090000
DTEND;TZID=Europe/Berlin:20260223T120000
RRULE:FREQ=DAILY
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Lunch
DTSTART:20260302T120000
DURATION:PT1H
ATTENDEE;CN="Lee, Ann":mailto:Ann@example.com
ATTENDEE:MAILTO:bob@example.com
END:VEVENT
BEGIN:VEVENT
UID:3
STATUS:CANCELLED
SUMMARY:Training
DTSTART:20260302T140000Z
DTEND:20260302T150000Z
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Day off
DTSTART;VALUE=DATE:20260303
ATTENDEE:mailto:bob@example.com
END:VEVENT
END:VCALENDAR
"""


def test_a_calendar(tmp_path: Path) -> None:
    """Events are shifts of their attendees, else of the calendar's name."""
    schedule = read(tmp_path, CALENDAR.replace("\n", "\r\n"), name="team.ics")
    assert (NINE, NOON, "Open") in spans(schedule, "100")
    assert {begin for begin, _, _ in spans(schedule, "100")} <= {NINE + day * 86400 for day in (-1, 0, 1, 2)}
    assert spans(schedule, "ann@example.com") == [(NOON, ONE, "Lunch")]
    day_off = (at("2026-03-03T00:00"), at("2026-03-04T00:00"), "Day off")
    assert spans(schedule, "bob@example.com") == [(NOON, ONE, "Lunch"), day_off]
    assert schedule.plans["ann@example.com"].shifts[0].line == 12
    nameless = CALENDAR.replace("X-WR-CALNAME:100\n", "")
    assert "team" in read(tmp_path, nameless, name="team.ics").plans
    assert "ann@example.com" in read(tmp_path, CALENDAR, window=(0, 1)).plans  # known, without a shift


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DURATION:PT1H", "DTEND:20260302T110000", "line 12: this event ends before it begins"),
        ("DURATION:PT1H\n", "", "line 12: this shift does not end after it begins"),
        ("DTSTART:20260302T120000", "DTSTART:2026", "line 12: this event cannot be read"),
        ("DTSTART:20260302T120000\n", "", "line 12: this event has no begin"),
        ("TZID=Europe/Berlin:20260223T09", "TZID=Mars/Base:20260223T09", "line 5: this event has the unknown zone"),
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=SECONDLY", "line 5: this event is repeated each minute or second"),
        ("RRULE:FREQ=DAILY", "RRULE:FREQ=OFTEN", "team.ics"),
        ("SUMMARY:Lunch\n", "", "line 12: this shift has no activity"),
        ("VERSION:2.0\n", "VERSION:2.0\nfoo\n", "line 3: this is no iCalendar"),
        ("END:VCALENDAR\n", "", "line 32: this is no whole iCalendar"),
    ],
)
def test_mistakes_in_a_calendar(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A mistake in a calendar is shown with its event's line."""
    assert message in refused(tmp_path, CALENDAR.replace(old, new), name="team.ics")


def test_a_calendar_without_a_zone(tmp_path: Path) -> None:
    """Times without a zone are refused if no zone is given."""
    assert "line 12: this event has no zone" in refused(tmp_path, CALENDAR, name="team.ics", zone=None)


def test_a_calendar_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its libraries a calendar is refused with the extra to install."""
    real = builtins.__import__

    def missing(name: str, *rest: object) -> object:
        if name == "recurring_ical_events":
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "recurring_ical_events", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    message = refused(tmp_path, CALENDAR, name="team.ics")
    assert "needs the extra icalendar\npip install icalendar recurring-ical-events" in message


@pytest.mark.thorough
def test_a_large_schedule(tmp_path: Path) -> None:
    """A schedule of 200,000 lines is read, each shift once."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 11)]
    rows = (f"{who},{day} 09:00,{day} 17:00,Open\n" for day in days for who in range(2000))
    schedule = read(tmp_path, HEADER + "".join(rows))
    assert sum(len(plan.shifts) for plan in schedule.plans.values()) == 200_000
