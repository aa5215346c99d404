"""What the pictures of a page are drawn from."""

from __future__ import annotations

from collections.abc import Mapping

from cxone_rollcall.history.reading import FEW, History
from cxone_rollcall.model.struct import Value, replace
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.people import Someone, chosen
from cxone_rollcall.reports.report import Report
from cxone_rollcall.reports.time_in_state import time_in_state
from cxone_rollcall.reports.timeline import timeline
from cxone_rollcall.reports.window import Period

MOST_AGENTS = FEW
"""Agents whose day is drawn. So many are quick to read, and a picture that people still read."""


class Pictures(Value, frozen=True, kw_only=True):
    """The states of a window, in the forms of its pictures.

    `stacked` is time in state by state and quarter hour, of all agents of a report. `timeline` is of those who are
    drawn, and `exceptions` too; it is None without a schedule. `agents` is how many there are in all, `teams` the last
    team in the window of each who is drawn.
    """

    stacked: Report
    timeline: Report
    agents: int
    teams: Mapping[str, str | None]
    exceptions: Report | None = None


def pictures(history: History, period: Period, options: Options, *, exceptions: Report | None = None) -> Pictures:
    """The pictures of a report with these options. The first agents by team and name are drawn.

    `exceptions` is the report of all agents.
    """
    everybody = chosen(history, period, replace(options, interval=None, by=None)).people
    drawn = sorted(everybody, key=_by_team)[:MOST_AGENTS]
    ids = tuple(one.agent_id for one in drawn)
    of_drawn = replace(options, agents=ids, interval=None, by=None)
    return Pictures(
        stacked=time_in_state(history, period, replace(options, interval="15m", by="state")),
        timeline=timeline(history, period, of_drawn),
        agents=len(everybody),
        teams={one.agent_id: one.teams[-1][1] for one in drawn},
        exceptions=exceptions and _only(exceptions, frozenset(ids)),
    )


def _by_team(one: Someone) -> tuple[bool, str]:
    """The order of agents who are ordered by name already."""
    team = one.teams[-1][1]
    return team is None, (team or "").casefold()


def _only(report: Report, agents: frozenset[str]) -> Report:
    place = report.columns.index("agent_id")
    return replace(report, rows=[row for row in report.rows if row[place] in agents])
