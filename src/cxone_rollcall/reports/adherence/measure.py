"""Measures the agents of a report against a schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cxone_rollcall.history.reading import History, Row
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.adherence.activities import Activities
from cxone_rollcall.reports.adherence.compare import Part, compared, within
from cxone_rollcall.reports.adherence.figures import Figures, add
from cxone_rollcall.reports.adherence.people import Assigned, assigned
from cxone_rollcall.reports.adherence.schedule import Schedule
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import Chosen, Someone, chosen, rows_of
from cxone_rollcall.reports.pieces import pieces
from cxone_rollcall.reports.window import Period


class Terms(Value, frozen=True, kw_only=True):
    """What adherence is measured by. `grace` is in whole seconds."""

    schedule: Schedule
    activities: Activities = Activities()
    grace: int = 0


class Measured(NamedTuple):
    """One agent. `parts` are its scheduled time in the window; `figures` is None if no schedule is known."""

    someone: Someone
    parts: Sequence[Part]
    figures: Figures | None


class Measurement(NamedTuple):
    """All agents of a report by name, and the schedule's people."""

    who: Chosen
    agents: Sequence[Measured]
    plans: Assigned


def measured(history: History, period: Period, options: Options, terms: Terms) -> Measurement:
    """Measure the agents of the window, and those with shifts in it.

    SettingError if two plans of an agent overlap, or for an agent or team that is not there.
    """
    options.allow("adherence")
    who = chosen(history, period, options)
    plans = assigned(terms.schedule, history.people(), period.window)
    return Measurement(who, list(_agents(history, period, options, terms, who, plans)), plans)


def _rows(history: History, period: Period, options: Options, who: Chosen) -> dict[int, Sequence[Row]]:
    return {one.number: rows for one, rows in rows_of(history, period, options, who.people)}


def _agents(
    history: History, period: Period, options: Options, terms: Terms, who: Chosen, plans: Assigned
) -> Iterator[Measured]:
    present = _rows(history, period, options, who)
    # A span that begins or ends outside of the window decides on grace within it.
    wide = Period(period.begin - terms.grace, period.end + terms.grace, period.zone)
    rows = _rows(history, wide, options, who) if terms.grace else present
    for someone in who.people:
        shifts = plans.shifts.get(someone.number)
        is_due = any(shift.begin < period.end and shift.end > period.begin for shift in shifts or ())
        if not is_due and someone.number not in present:
            continue
        if shifts is None:
            yield Measured(someone, (), None)
            continue
        day = list(pieces(history, rows.get(someone.number, ()), wide))
        parts = list(compared(day, shifts, terms.activities, terms.grace))
        sums, kept = Figures(), list[Part]()
        for begin, end, team in someone.in_teams(period.begin, period.end):
            if who.counts(team):
                inside = list(within(parts, begin, end))
                add(sums, inside, day, begin, end)
                kept += inside
        yield Measured(someone, kept, sums)
