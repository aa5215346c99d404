"""The reports of adherence: figures of each agent, or exceptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cxone_rollcall.history.interval import Status
from cxone_rollcall.history.reading import History
from cxone_rollcall.model.roll import Standing
from cxone_rollcall.model.state import both_names
from cxone_rollcall.reports.adherence.activities import Works
from cxone_rollcall.reports.adherence.compare import Part, Verdict
from cxone_rollcall.reports.adherence.measure import Measured, Measurement, Terms, measured
from cxone_rollcall.reports.adherence.notes import notes
from cxone_rollcall.reports.framing import Coverage, framed
from cxone_rollcall.reports.options import Options
from cxone_rollcall.reports.pieces import standing_of
from cxone_rollcall.reports.report import Cell, Report
from cxone_rollcall.reports.window import Period

COLUMNS = (
    *("agent_id", "name", "scheduled_seconds", "in_seconds", "out_seconds", "unknown_seconds", "unmapped_seconds"),
    *("adherence_low", "adherence_high", "worked_seconds", "conformance_low", "conformance_high"),
)
EXCEPTION_COLUMNS = ("agent_id", "name", "begin", "end", "scheduled", "actual", "impact")


def adherence(history: History, period: Period, options: Options, terms: Terms) -> Report:
    """Adherence and conformance of each agent.

    An agent without a known schedule has no figures; one with nothing scheduled has 0 seconds and no percentages. The
    coverage is that of scheduled time. Raises `SettingError` as `measured` does.
    """
    found = measured(history, period, options, terms)
    return _report("adherence", COLUMNS, [_row(one) for one in found.agents], history, period, terms, found)


def exceptions(history: History, period: Period, options: Options, terms: Terms) -> Report:
    """Each span that is out, by agent and begin.

    `actual` is the state, or the standing without one. `impact` is `negative` if the agent does not work though it is
    scheduled to, `positive` if it works though it is not, else `neutral`. Raises `SettingError` as `measured` does.
    """
    found, works = measured(history, period, options, terms), Works(history.statuses.values())
    rows = [row for one in found.agents for row in _exceptions(one, period, works)]
    return _report("adherence-exceptions", EXCEPTION_COLUMNS, rows, history, period, terms, found)


def _row(one: Measured) -> tuple[Cell, ...]:
    sums, named = one.figures, (one.someone.agent_id, one.someone.name)
    if sums is None:
        return (*named, *[None] * (len(COLUMNS) - len(named)))
    seconds = (sums.scheduled, sums.in_, sums.out, sums.unknown, sums.unmapped)
    return (*named, *seconds, *sums.adherence, sums.worked, *sums.conformance)


def _exceptions(one: Measured, period: Period, works: Works) -> Iterator[tuple[Cell, ...]]:
    """The rows of an agent. Parts that follow on each other and look the same are one."""
    spans: list[tuple[int, int, tuple[str, str, str]]] = []
    for part in one.parts:
        if part.verdict is Verdict.OUT:
            shown = part.activity, _actual(part.status), _impact(part, works)
            if spans and spans[-1][1:] == (part.begin, shown):
                spans[-1] = spans[-1][0], part.end, shown
            else:
                spans.append((part.begin, part.end, shown))
    for begin, end, shown in spans:
        yield one.someone.agent_id, one.someone.name, period.at(begin), period.at(end), *shown


def _actual(status: Status | None) -> str:
    names = None if status is None else both_names(status.state, status.sub_state)
    return names if status is not None and status.standing is Standing.PRESENT and names else standing_of(status)


def _impact(part: Part, works: Works) -> str:
    """What being out means for the work. Source of the words: Genesys Cloud, *historical adherence*."""
    due = part.fit is not None and works.is_work(part.fit)
    if due == part.is_work:
        return "neutral"
    return "negative" if due else "positive"


def _report(
    kind: str,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Cell, ...]],
    history: History,
    period: Period,
    terms: Terms,
    found: Measurement,
) -> Report:
    known = [one.figures for one in found.agents if one.figures is not None]
    seconds = sum(sums.scheduled for sums in known)
    return framed(
        kind,
        columns,
        rows,
        history=history,
        period=period,
        who=found.who,
        coverage=Coverage(seconds - sum(sums.unknown for sums in known), seconds),
        notes=tuple(notes(found, terms)),
    )
