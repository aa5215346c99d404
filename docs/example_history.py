"""Writes the history of an invented day, for the runs in the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cxone_rollcall.history.interval import Interval, Person, Poll, Status, unknown
from cxone_rollcall.history.recorder import Batch
from cxone_rollcall.history.store import writing
from cxone_rollcall.model.agent import Agent
from cxone_rollcall.model.roll import Standing

DAY = datetime(2026, 3, 2, tzinfo=UTC)
OUT = Status(Standing.LOGGED_OUT)
AVAILABLE = Status(Standing.PRESENT, "Available", None, "available")
CONTACT = Status(Standing.PRESENT, "InboundContact", None, "on-contact")
ACW = Status(Standing.PRESENT, "Unavailable", "ACW", "after-contact")
LUNCH = Status(Standing.PRESENT, "Unavailable", "Lunch", "unavailable")
PEOPLE = (
    Agent("30000000001", "Ann Lee", "ann.lee", "ann.lee@example.com", "Sales"),
    Agent("30000000002", "Kwame Okoro", "kwame.okoro", "kwame.okoro@example.com", "Sales"),
    Agent("30000000003", "Sören Weiß", "soeren.weiss", "soeren.weiss@example.com", "Billing"),
)
GAP = ("12:00", "12:20")
"""When nothing was known of anybody: the server could not be reached."""
DAYS = (
    "09:00 available, 09:40 contact, 10:05 acw, 10:10 available, 11:00 contact, 12:30 lunch, 13:05 contact, 17:00 out",
    "08:58 contact, 09:30 acw, 09:34 contact, 12:20 lunch, 13:00 contact, 16:10 available, 16:50 out",
    "10:00 available, 10:20 contact, 12:20 contact, 14:00 lunch, 14:30 available, 18:00 out",
)
STATES = {"available": AVAILABLE, "contact": CONTACT, "acw": ACW, "lunch": LUNCH, "out": OUT}


def write(path: Path) -> None:
    """Write the history of the day."""
    closed = [
        (agent.agent_id, one) for agent, day in zip(PEOPLE, DAYS, strict=True) for one in _with_gap(_intervals(day))
    ]
    people = [Person(_at("00:00"), agent) for agent in PEOPLE]
    last = _at("24:00")
    with writing(path, tenant="Acme EU") as store:
        store.write(Batch(Poll("run", 1, _at("00:00"), _at("00:00"), ok=True, complete=True), people=people))
        store.write(Batch(Poll("run", 2, last, last, ok=True, complete=True), closed=closed))


def _at(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return round(DAY.timestamp() * 1000) + (hours * 60 + minutes) * 60_000


def _intervals(day: str) -> Iterator[Interval]:
    begin, status = _at("00:00"), OUT
    for change in day.split(", "):
        clock, state = change.split()
        yield Interval(begin, _at(clock), status, 0)
        begin, status = _at(clock), STATES[state]
    yield Interval(begin, _at("24:00"), status, 0)


def _with_gap(day: Iterator[Interval]) -> Iterator[Interval]:
    """The day, with the gap in place of what it covers."""
    begin, end = map(_at, GAP)
    for one in day:
        if one.begin < begin:
            yield Interval(one.begin, min(one.end, begin), one.status, one.slack)
        if one.begin <= begin < one.end:
            yield Interval(begin, end, unknown("RC105"))
        if one.end > end:
            yield Interval(max(one.begin, end), one.end, one.status, one.slack if one.begin >= end else None)
