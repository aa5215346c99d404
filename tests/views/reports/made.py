"""Reports made by hand, as the kinds return them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cxone_rollcall.reports.pictures import Pictures
from cxone_rollcall.reports.report import Cell, Report

BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 3, 2, tzinfo=BERLIN)
TIMELINE = (
    *("agent_id", "name", "begin", "end", "seconds", "standing", "group", "state", "sub_state", "begin_slack"),
    "source",
)
IN_STATE = ("from", "to", "agent_id", "name", "team", "standing", "group", "state", "sub_state", "seconds")
ADHERENCE = (
    *("agent_id", "name", "scheduled_seconds", "in_seconds", "out_seconds", "unknown_seconds", "unmapped_seconds"),
    *("adherence_low", "adherence_high", "worked_seconds", "conformance_low", "conformance_high"),
)
OCCUPANCY = (
    *("from", "to", "team", "on_contact_seconds", "after_contact_seconds", "available_seconds"),
    *("unavailable_seconds", "unknown_seconds", "occupancy_low", "occupancy_high"),
)
EXCEPTIONS = ("agent_id", "name", "begin", "end", "scheduled", "actual", "impact")


def next_day(day: datetime) -> datetime:
    """The midnight after a midnight, on the clock of its zone."""
    return (day + timedelta(days=1)).replace(tzinfo=day.tzinfo)


def at(hour: float, day: datetime = DAY) -> datetime:
    """So many hours after midnight."""
    return datetime.fromtimestamp(day.timestamp() + 3600 * hour, day.tzinfo)


def report(
    kind: str = "timeline",
    columns: tuple[str, ...] = TIMELINE,
    rows: Sequence[tuple[Cell, ...]] | None = None,
    *,
    begin: datetime = DAY,
    end: datetime | None = None,
    known: int = 90,
    window: int = 100,
    tenant: str = "Acme EU",
    notes: tuple[str, ...] = (),
) -> Report:
    """A report of one day in Berlin."""
    return Report(
        kind=kind,
        columns=columns,
        rows=rows or [],
        begin=begin,
        end=end or next_day(begin),
        tz=str(begin.tzinfo),
        tenant=tenant,
        known_seconds=known,
        window_seconds=window,
        notes=notes,
    )


def spell(
    begin: float,
    end: float,
    state: str | None = "Available",
    *,
    agent_id: str = "1",
    name: str | None = "Ann Lee",
    standing: str = "present",
    group: str | None = "available",
    sub_state: str | None = None,
    source: str = "observed",
    day: datetime = DAY,
) -> tuple[Cell, ...]:
    """A row of a timeline, from one hour to another."""
    if standing != "present":
        state = group = None
    first, last = at(begin, day), at(end, day)
    return (agent_id, name, first, last, round((end - begin) * 3600), standing, group, state, sub_state, 0, source)


def gap(begin: float, end: float, *, agent_id: str = "1", name: str | None = "Ann Lee") -> tuple[Cell, ...]:
    """A row of a timeline in which nothing is known."""
    return spell(begin, end, agent_id=agent_id, name=name, standing="unknown")


def bucket(
    begin: float,
    seconds: int,
    *,
    standing: str = "present",
    group: str | None = "available",
    state: str | None = "Available",
    sub_state: str | None = None,
) -> tuple[Cell, ...]:
    """A row of time in state by state, of a quarter hour."""
    if standing != "present":
        state = group = None
    return (at(begin), at(begin + 0.25), None, None, None, standing, group, state, sub_state, seconds)


def pictures(
    timeline: Sequence[tuple[Cell, ...]] | None = None,
    stacked: Sequence[tuple[Cell, ...]] | None = None,
    *,
    agents: int = 1,
    teams: dict[str, str | None] | None = None,
    exceptions: Sequence[tuple[Cell, ...]] | None = None,
    begin: datetime = DAY,
    end: datetime | None = None,
) -> Pictures:
    """What the pictures of a page are drawn from."""
    return Pictures(
        stacked=report("time-in-state", IN_STATE, stacked, begin=begin, end=end),
        timeline=report(rows=timeline, begin=begin, end=end),
        agents=agents,
        teams=teams or {},
        exceptions=None
        if exceptions is None
        else report("adherence-exceptions", EXCEPTIONS, exceptions, begin=begin, end=end),
    )
