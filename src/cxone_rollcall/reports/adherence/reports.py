"""The reports: adherence and conformance of each agent, and the spans that are out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cxone_rollcall.history.interval import Status
from cxone_rollcall.history.reading import History, Window
from cxone_rollcall.model.agent import Agent, fold_name
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import AgentState
from cxone_rollcall.model.struct import Value
from cxone_rollcall.reports.adherence.activities import Activities, Works
from cxone_rollcall.reports.adherence.compare import Doing, Piece, Verdict, compared, cut, in_seconds
from cxone_rollcall.reports.adherence.figures import Figures, figures
from cxone_rollcall.reports.adherence.notes import notes
from cxone_rollcall.reports.adherence.people import Assigned, assigned, named_as_of
from cxone_rollcall.reports.adherence.schedule import Schedule
from cxone_rollcall.reports.report import Cell, Report

COLUMNS = (
    *("agent_id", "name", "scheduled_seconds", "in_seconds", "out_seconds", "unknown_seconds", "unmapped_seconds"),
    *("adherence_low", "adherence_high", "worked_seconds", "conformance_low", "conformance_high"),
)
EXCEPTION_COLUMNS = ("agent_id", "name", "begin", "end", "scheduled", "actual", "impact")


class Terms(Value, frozen=True, kw_only=True):
    """What adherence is measured by. `grace` is in whole seconds; `agents` are numbers, None for all."""

    schedule: Schedule
    activities: Activities = Activities()
    grace: int = 0
    agents: Sequence[int] | None = None


class Measured(NamedTuple):
    """One agent. `figures` is None if no schedule is known."""

    agent: Agent
    pieces: Sequence[Piece]
    figures: Figures | None


def adherence(history: History, window: Window, terms: Terms, *, zone: ZoneInfo) -> Report:
    """Adherence and conformance of each agent in a window.

    An agent without a known schedule has no figures; one with nothing scheduled has 0 seconds and no percentages.
    SettingError if two plans of an agent overlap.
    """
    measured, plans = _measured(history, window, terms)
    return _report("adherence", COLUMNS, [_row(one) for one in measured], history, window, terms, zone, measured, plans)


def exceptions(history: History, window: Window, terms: Terms, *, zone: ZoneInfo) -> Report:
    """Each span that is out, by agent and begin.

    `actual` is the state, or a standing, or `not_on_roster`. `impact` is `negative` if the agent does not work though
    it is scheduled, `positive` if it works in other time, else `neutral`. SettingError as for `adherence`.
    """
    measured, plans = _measured(history, window, terms)
    works = Works(history.statuses.values())
    rows = [row for one in measured for row in _exceptions(one, zone, works)]
    kind = "adherence-exceptions"
    return _report(kind, EXCEPTION_COLUMNS, rows, history, window, terms, zone, measured, plans)


def _measured(history: History, window: Window, terms: Terms) -> tuple[list[Measured], Assigned]:
    """Each agent of the window or with shifts in it, by name."""
    people = history.people(terms.agents)
    plans = assigned(terms.schedule, people if terms.agents is None else history.people(), window)
    # An edge near the window's end decides on grace within it.
    wide = Window(window.begin - terms.grace * 1000, window.end + terms.grace * 1000)
    begin, end = window.begin // 1000, window.end // 1000
    rows = history.rows(wide, terms.agents)
    near = set(history.rows(window, terms.agents) if terms.grace else rows)
    measured = []
    for number, persons in people.items():
        shifts = plans.shifts.get(number)
        is_due = shifts is not None and any(shift.begin < end and shift.end > begin for shift in shifts)
        if not is_due and number not in near:
            continue
        agent = named_as_of(persons, window)
        if shifts is None:
            measured.append(Measured(agent, (), None))
            continue
        doings = list(in_seconds(history.filled(rows.get(number, ()), wide)))
        pieces = list(cut(compared(doings, shifts, terms.activities, terms.grace), begin, end))
        inside = [Doing(max(one.begin, begin), min(one.end, end), one.status) for one in doings]
        measured.append(Measured(agent, pieces, figures(pieces, [one for one in inside if one.begin < one.end])))
    measured.sort(key=lambda one: (fold_name(one.agent.name or ""), one.agent.agent_id))
    return measured, plans


def _row(one: Measured) -> tuple[Cell, ...]:
    sums, named = one.figures, (one.agent.agent_id, one.agent.name)
    if sums is None:
        return (*named, *[None] * (len(COLUMNS) - len(named)))
    seconds = (sums.scheduled, sums.in_, sums.out, sums.unknown, sums.unmapped)
    return (*named, *seconds, *sums.adherence, sums.worked, *sums.conformance)


def _exceptions(one: Measured, zone: ZoneInfo, works: Works) -> Iterator[tuple[Cell, ...]]:
    """The rows of an agent. Pieces that follow on each other and look the same are one."""
    out = [piece for piece in one.pieces if piece.verdict is Verdict.OUT]
    spans: list[tuple[int, int, tuple[str, str, str]]] = []
    for piece in out:
        shown = piece.activity, _actual(piece.status), _impact(piece, works)
        if spans and spans[-1][1:] == (piece.begin, shown):
            spans[-1] = spans[-1][0], piece.end, shown
        else:
            spans.append((piece.begin, piece.end, shown))
    for begin, end, shown in spans:
        times = (datetime.fromtimestamp(at, zone) for at in (begin, end))
        yield one.agent.agent_id, one.agent.name, *times, *shown


def _actual(status: Status | None) -> str:
    if status is None:
        return "not_on_roster"
    names = AgentState("", status.state, status.sub_state).both_names
    return names if status.standing is Standing.PRESENT and names else status.standing.value


def _impact(piece: Piece, works: Works) -> str:
    """What being out means for the work. Source of the words: Genesys Cloud, *historical adherence*."""
    due = piece.fit is not None and works.is_work(piece.fit)
    if due == piece.is_work:
        return "neutral"
    return "negative" if due else "positive"


def _report(
    kind: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
    history: History,
    window: Window,
    terms: Terms,
    zone: ZoneInfo,
    measured: Sequence[Measured],
    plans: Assigned,
) -> Report:
    """A report over scheduled time: its coverage is the share of it in which the state was known."""
    scheduled = [one.figures for one in measured if one.figures is not None]
    seconds = sum(sums.scheduled for sums in scheduled)
    return Report(
        kind=kind,
        columns=columns,
        rows=rows,
        begin=datetime.fromtimestamp(window.begin // 1000, zone),
        end=datetime.fromtimestamp(window.end // 1000, zone),
        tz=zone.key,
        tenant=history.tenant,
        known_seconds=seconds - sum(sums.unknown for sums in scheduled),
        window_seconds=seconds,
        notes=tuple(notes([(one.agent, one.figures) for one in measured], plans, terms.schedule, terms.grace)),
    )
