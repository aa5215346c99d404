"""`timeline`: what each agent did, one state after the other."""

from __future__ import annotations

from cxone_rollcall.history.reading import History
from cxone_rollcall.reports.framing import framed
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import chosen
from cxone_rollcall.reports.pieces import coverage_of, days, in_teams
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.tally import shown
from cxone_rollcall.reports.window import Period

COLUMNS = (
    "agent_id",
    "name",
    "begin",
    "end",
    "seconds",
    "standing",
    "group",
    "state",
    "sub_state",
    "begin_slack",
    "source",
)


def timeline(history: History, period: Period, options: Options) -> Report:
    """Each state of each agent in the order of time, gaps included.

    Each second of an agent lies in exactly one row. A state in which no second ends has no row; a note counts them.
    `begin_slack` is None if the state began before the window or nobody knows when, `source` if nothing was observed.
    """
    options.allow("timeline")
    who = chosen(history, period, options)
    parts = [(one, list(in_teams(who, one, day))) for one, day in days(history, period, options, who)]
    rows: list[tuple[Cell, ...]] = []
    short = 0
    for one, part in parts:
        for piece in part:
            if piece.begin == piece.end:
                short += not piece.is_unknown and piece.status is not None
                continue
            begin, end, source = period.at(piece.begin), period.at(piece.end), piece.source and piece.source.value
            state = shown(piece.status)
            times = begin, end, piece.end - piece.begin
            rows.append((one.agent_id, one.name, *times, *state, piece.slack, source))
    return framed(
        "timeline",
        COLUMNS,
        rows,
        history=history,
        period=period,
        who=who,
        coverage=coverage_of(part for _, part in parts),
        notes=[_short(short)] if short else [],
    )


def _short(states: int) -> str:
    return (
        "1 state shorter than a second is not listed."
        if states == 1
        else f"{states:,} states shorter than a second are not listed."
    )
