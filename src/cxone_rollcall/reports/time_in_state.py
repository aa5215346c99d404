"""`time-in-state`: how long each agent was in each state."""

from __future__ import annotations

from collections.abc import Mapping

from cxone_rollcall.history.reading import History
from cxone_rollcall.reports.framing import Coverage, framed
from cxone_rollcall.reports.options import BYS, By, Options
from cxone_rollcall.reports.people import Someone, chosen
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.tally import Legend, buckets_of, tally
from cxone_rollcall.reports.window import Period

COLUMNS = ("from", "to", "agent_id", "name", "team", "standing", "group", "state", "sub_state", "seconds")

Whose = tuple[int, str | None, str | None, str | None]
"""The bucket, the agent's id and name, and the team."""


def time_in_state(history: History, period: Period, options: Options) -> Report:
    """The seconds of each agent in each state.

    Gaps, and time in which the roster did not have the agent, are states, too. The seconds of an agent sum up to the
    window, or to each bucket, exactly. An agent whose team changes has rows in both teams: time counts for the team
    that the agent was in. `options.by` team sums over the agents of a team, and state over all agents; what was summed
    over is None.
    """
    options.allow("time-in-state", interval=True, by=BYS)
    who, spans, legend = chosen(history, period, options), buckets_of(period, options), Legend(history)
    sums: dict[Whose, dict[int, int]] = {}
    unknown = total = 0
    for one, spent in tally(history, period, options, who, spans, legend):
        for (place, team), by_state in spent.items():
            _add(sums.setdefault(_whose(options.by, place, one, team), {}), by_state)
            unknown += by_state.get(legend.unknown, 0)
            total += sum(by_state.values())
    times = [(period.at(begin), period.at(end)) for begin, end in spans]
    rows: list[tuple[Cell, ...]] = []
    for whose in sorted(sums, key=lambda whose: (whose[0], (whose[3] or "") if options.by == "team" else "")):
        cells: tuple[Cell, ...] = (*times[whose[0]], *whose[1:])
        rows.extend((*cells, *legend.states[state], seconds) for state, seconds in sorted(sums[whose].items()))
    coverage = Coverage(total - unknown, total)
    return framed("time-in-state", COLUMNS, rows, history=history, period=period, who=who, coverage=coverage)


def _whose(by: By | None, place: int, one: Someone, team: str | None) -> Whose:
    match by:
        case "team":
            return place, None, None, team
        case "state":
            return place, None, None, None
    return place, one.agent_id, one.name, team


def _add(sums: dict[int, int], more: Mapping[int, int]) -> None:
    for state, seconds in more.items():
        sums[state] = sums.get(state, 0) + seconds
