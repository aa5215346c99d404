"""Which calendars are read as schedules, and how mistakes are shown."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pytest
from tests.reports.schedules import NINE, NOON, ONE, at, read, refused, spans

from cxone_rollcall.model.shell import pip_install

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
    assert schedule.notes == (f"{tmp_path / 'team.ics'}: times without an offset are in Europe/Berlin.",)
    zoned = CALENDAR.partition("BEGIN:VEVENT\nUID:2")[0] + "END:VCALENDAR\n"
    assert read(tmp_path, zoned, name="team.ics").notes == ()
    folded = CALENDAR.replace("BEGIN:VEVENT", "BEGIN:VEV\n ENT")
    assert read(tmp_path, folded, name="team.ics").plans.keys() == schedule.plans.keys()
    nameless = CALENDAR.replace("X-WR-CALNAME:100\n", "")
    assert "team" in read(tmp_path, nameless, name="team.ics").plans
    assert "ann@example.com" in read(tmp_path, CALENDAR, window=(0, 1)).plans  # known, without a shift


DAMAGES = (
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
)
"""A text of the calendar, its replacement, a part of the message."""


@pytest.mark.parametrize(("old", "new", "message"), DAMAGES)
def test_mistakes_in_a_calendar(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A mistake in a calendar is shown with its event's line."""
    assert message in refused(tmp_path, CALENDAR.replace(old, new), name="team.ics")


def test_times_of_a_calendar_without_a_zone_are_named(tmp_path: Path) -> None:
    """A note names the zone of times that have none. Without such times there is no note."""
    zoned = CALENDAR.replace("DTSTART:20260302T120000", "DTSTART:20260302T110000Z")
    zoned = zoned.replace("DTSTART;VALUE=DATE:20260303", "DTSTART:20260303T000000Z\nDURATION:P1D")
    note = f"{tmp_path}/team.ics: times without an offset are in Europe/Berlin."
    assert read(tmp_path, CALENDAR, name="team.ics").notes == (note,)
    assert read(tmp_path, zoned, name="team.ics").notes == ()


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
    assert f"needs the extra icalendar\n{pip_install('icalendar', 'recurring-ical-events')}" in message


CLOCKS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
NAME:Night team
BEGIN:VEVENT
UID:1
SUMMARY: Open
DTSTART;TZID=Europe/Berlin:20261025T023000
DTEND;TZID=Europe/Berlin:20261025T030000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Back
DTSTART;TZID=Europe/Berlin:20261025T024500
DTEND;TZID=Europe/Berlin:20261025T021500
ATTENDEE:mailto:back@example.com
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Skipped
DTSTART;TZID=Europe/Berlin:20260329T021000
DTEND;TZID=Europe/Berlin:20260329T024000
ATTENDEE:mailto:skip@example.com
END:VEVENT
BEGIN:VEVENT
UID:4
SUMMARY:Half
DTSTART;TZID=Europe/Berlin:20260329T013000
DTEND;TZID=Europe/Berlin:20260329T023000
ATTENDEE:half@example.com
END:VEVENT
BEGIN:VEVENT
UID:5
SUMMARY:Local
DTSTART:20260601T090000
DTEND:20260601T100000
ATTENDEE: MAILTO:local@example.com
END:VEVENT
BEGIN:VEVENT
UID:6
SUMMARY:Universal
DTSTART:20260601T090000Z
DURATION:PT90M
ATTENDEE:mailto:local@example.com
END:VEVENT
BEGIN:VEVENT
UID:7
STATUS:cancelled
SUMMARY:Never
DTSTART:20260601T120000Z
DURATION:PT90M
ATTENDEE:mailto:never@example.com
END:VEVENT
END:VCALENDAR
"""


def test_a_whole_calendar(tmp_path: Path) -> None:
    """Each event is a shift of its people, with its line. Local times that clocks repeat or skip are noted."""
    year = (at("2026-01-01T00:00"), at("2027-01-01T00:00"))
    text = CLOCKS.replace("DTEND;TZID=Europe/Berlin:20261025T021500", "DTEND;TZID=Europe/Berlin:20261025T031500")
    schedule = read(tmp_path, text, name="x.ICS", window=year)
    shifts = {who: [(*shift[:3], shift.line) for shift in plan.shifts] for who, plan in schedule.plans.items()}
    first, jump = at("2026-10-25T02:30+02:00"), at("2026-03-29T03:00+02:00")
    assert shifts == {
        "night team": [(first, at("2026-10-25T03:00+01:00"), "Open", 5)],
        "back@example.com": [(at("2026-10-25T02:45+02:00"), at("2026-10-25T03:15+01:00"), "Back", 11)],
        "skip@example.com": [],
        "half@example.com": [(at("2026-03-29T01:30+01:00"), jump, "Half", 25)],
        "local@example.com": [
            (at("2026-06-01T09:00"), at("2026-06-01T10:00"), "Local", 32),
            (at("2026-06-01T09:00Z"), at("2026-06-01T10:30Z"), "Universal", 39),
        ],
        "never@example.com": [],
    }
    assert schedule.plans["night team"].who == "Night team"
    noted = {note.rpartition("x.ICS: ")[2].partition(" (")[0] for note in schedule.notes}
    assert noted == {
        "times without an offset are in Europe/Berlin.",
        "a local time that comes twice is read as the first",
        "a local time that clocks skip is read as the moment of the jump",
    }


def test_a_calendar_in_a_table_s_name(tmp_path: Path) -> None:
    """A calendar is known by its first line alone."""
    assert "100" in read(tmp_path, f"\n  {CALENDAR.replace('BEGIN:VC', 'begin:vc', 1)}", name="plan.csv").plans
