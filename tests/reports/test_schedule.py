"""Which tables are read as schedules, and how mistakes are shown."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from tests.reports.schedules import FIVE, GOOD, HEADER, NINE, NOON, ONE, ROWS, WHOLE_DAY, read, refused, spans, table

from cxone_rollcall.errors import SettingError
from cxone_rollcall.reports.adherence.layout import Layout, places
from cxone_rollcall.reports.adherence.reading import read_schedule


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


USUAL = {
    "start": "start, begin, from, Start Time, begin time, startDateTime, Start Time UTC, start_utc",
    "end": "end, stop, to, until, End Time, stopTime, end date time, End Time UTC, end_utc",
    "activity": (
        "activity, Activity Name, activityCode, activity title, Event, Code, Shift, Title, Subject, exc, excName,"
        " exc code, Excp, exception, Exception Name, exception_code"
    ),
    "date": "date, Day, excDate, activity date, schedDate, Schedule Date",
}
"""Names of columns in exports of schedules, by what they are."""


def test_each_usual_column_is_known() -> None:
    """Each usual name is known. Times are UTC if both names say so."""
    plain = ["who", "start", "end", "activity", "date"]
    for at, (what, called) in enumerate(USUAL.items(), 1):
        for name in called.split(", "):
            found = places([*plain[:at], name, *plain[at + 1 :]], {}, where="x")
            assert getattr(found, what) == at, name
            assert found.utc is None
    assert places(["who", "StartUTC", "End Time (UTC)", "code"], {}, where="x").utc is UTC


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
    other = IEX + "03022026|03022026|America/New_York|1|7|44|101|Open|03:00|06:00\n"
    assert spans(read(tmp_path, other, zone=None), "101") == [(NINE, NOON, "Open")]
    zones = "plan.csv: times without an offset are in America/New_York, Europe/Berlin."
    assert [note.replace(f"{tmp_path}/", "") for note in read(tmp_path, other).notes] == [zones]
    short = IEX.replace("Europe/Berlin", "EST")
    assert "line 3: '09:00' has no offset" in refused(tmp_path, short, zone=None)
    assert read(tmp_path, short).plans == schedule.plans


BAD_TABLES = (
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
)
"""Tables with a mistake, and a part of the message."""


@pytest.mark.parametrize(("text", "message"), BAD_TABLES)
def test_mistakes_have_their_line(tmp_path: Path, text: str, message: str) -> None:
    """A mistake in a table is shown with its file and line."""
    assert message in refused(tmp_path, text)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file in another encoding is refused with its line."""
    assert "line 3: this is not UTF-8 text" in refused(tmp_path, (HEADER + GOOD).encode() + b"\xfc,,,\n")
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SettingError, match="cannot be read"):
            read_schedule(path, zone=None, begin=0, end=1)


@pytest.mark.thorough
def test_a_large_schedule(tmp_path: Path) -> None:
    """A schedule of 200,000 lines is read, each shift once."""
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 11) for day in range(1, 11)]
    rows = (f"{who},{day} 09:00,{day} 17:00,Open\n" for day in days for who in range(2000))
    schedule = read(tmp_path, HEADER + "".join(rows))
    assert sum(len(plan.shifts) for plan in schedule.plans.values()) == 200_000
