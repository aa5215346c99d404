"""The people who are expected, as text. It names who is not logged in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxone_rollcall.findings.attendance import Attendance, Person, Presence
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.evidence import LONGEST_NAME, name_and_id
from cxone_rollcall.views.text import brief

MOST_NAMED = 40
"""People named for each presence. CSV and JSON have all."""
MOST_CANDIDATES = 3
"""Agents named for a person who may be several. CSV and JSON have all."""
WORDS = {
    Presence.NOT_LOGGED_IN: "not logged in",
    Presence.UNKNOWN: "unknown",
    Presence.NOT_ON_ROSTER: "not on the roster",
    Presence.AMBIGUOUS: "ambiguous",
    Presence.LOGGED_IN: "logged in",
}
"""Words in the order of reports. People who need attention come first."""


def headline(attendance: Attendance) -> str:
    """The sentence that answers who of the expected people is logged in."""
    count, people = attendance.counts, len(attendance.people)
    rest = [f"{count[one]} {words}" for one, words in WORDS.items() if count[one] and one is not Presence.LOGGED_IN]
    said = f"{count[Presence.LOGGED_IN]} of {people} expected {'person' if people == 1 else 'people'} logged in"
    return f"{said}; {', '.join(rest)}" if rest else said


def lines(attendance: Attendance) -> Iterator[str]:
    """Yield a line for each presence but `logged_in`. The last counts the agents whom nobody expects."""
    for presence, words in WORDS.items():
        people = attendance.of(presence)
        if people and presence is not Presence.LOGGED_IN:
            yield f"  {words} {len(people)}   {_listed(people)}"
    if attendance.not_expected:
        logged_in = sum(entry.standing is Standing.PRESENT for entry in attendance.not_expected)
        yield f"  not expected   {counted(len(attendance.not_expected), 'agent')} on the roster, {logged_in} logged in"


def remarks(attendance: Attendance) -> Iterator[str]:
    """Yield what should be known about the file."""
    if attendance.repeated:
        (line, before), *more = attendance.repeated
        rest = f", and {counted(len(more), 'more line')} like it" if more else ""
        yield f"{attendance.file}: line {line} names the same as line {before}{rest}. Each person counts once."


def named(person: Person) -> str:
    """The agent's name and id, else the file's text.

    The text has its line, and the agents who may be meant.
    """
    if len(person.agents) == 1:
        return name_and_id(person.agents[0])
    asked = f"{brief(person.asked_as, LONGEST_NAME)} (line {person.line})"
    if person.agents:
        more = len(person.agents) - MOST_CANDIDATES
        rest = f" or one of {more} more" if more > 0 else ""
        return f"{asked} is {' or '.join(map(name_and_id, person.agents[:MOST_CANDIDATES]))}{rest}"
    return f"{asked}, perhaps {' or '.join(map(name_and_id, person.similar))}" if person.similar else asked


def _listed(people: Sequence[Person]) -> str:
    more = len(people) - MOST_NAMED
    return "; ".join(map(named, people[:MOST_NAMED])) + (f"; and {more} more" if more > 0 else "")
