"""Percentages with their range. The certain part is solid, what unknown time leaves open is hatched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.evidence import LONGEST_NAME
from cxone_rollcall.views.html.escape import isolated, shown
from cxone_rollcall.views.reports.html.places import columns
from cxone_rollcall.views.reports.html.scale import Scale
from cxone_rollcall.views.reports.html.svg import Column, Layer, axis, plot, side
from cxone_rollcall.views.reports.words import WHOLE, clock, duration, percentage
from cxone_rollcall.views.text import brief

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report

MOST_RANGES = 200
"""Agents whose ranges are drawn, the lowest first."""
MOST_TEAMS = 40


class Range(Value, frozen=True):
    """A percentage that lies between two values, or does not exist."""

    low: float | None
    high: float | None

    @property
    def text(self) -> str:
        """The range in words."""
        if self.low is None or self.high is None:
            return "no value"
        if self.low == self.high:
            return f"{percentage(self.low)} %"
        return f"{percentage(self.low)} to {percentage(self.high)} %"


def adherence(report: Report) -> Iterator[str]:
    """Yield the section of an `adherence` report: each agent's two ranges."""
    asked = ("agent_id", "name", "scheduled_seconds", "unknown_seconds")
    figures = ("adherence_low", "adherence_high", "conformance_low", "conformance_high")
    rows = sorted(columns(report, *asked, *figures), key=lambda row: (row[4] is None, row[4]))
    yield '<section id=picture><h2>Adherence and conformance</h2><p>Solid is certain. Hatched with "?" is what the'
    yield " unknown time leaves open: the true value lies between its two ends. The lowest come first."
    if len(rows) > MOST_RANGES:
        yield f" <strong>{len(rows) - MOST_RANGES} agents are not drawn</strong>; the other formats list all of them."
    yield "<table class=ranges><thead><tr><th scope=col>Agent<th scope=col class=n>Scheduled<th scope=col class=n>"
    yield "Unknown<th scope=col>Adherence<th scope=col>Conformance</thead><tbody>"
    top = max([WHOLE, *(row[7] for row in rows if row[7] is not None)])
    for agent_id, name, scheduled, unknown, low, high, conforms_low, conforms_high in rows[:MOST_RANGES]:
        yield f'<tr><th scope=row title="{shown(agent_id)}">{isolated(brief(name or agent_id, LONGEST_NAME))}'
        yield f"<td class=n>{'' if scheduled is None else duration(scheduled)}"
        yield f"<td class=n>{duration(unknown) if unknown else ''}"
        yield f"<td>{_bar(Range(low, high), WHOLE)}<td>{_bar(Range(conforms_low, conforms_high), top)}\n"
    yield "</tbody></table></section>"


def _bar(one: Range, top: float) -> str:
    if one.low is None or one.high is None:
        return "<small>no value</small>"
    low, wide = 100 * one.low / top, 100 * (one.high - one.low) / top
    whole = f'<line x1="{100 * WHOLE / top:.2f}%" x2="{100 * WHOLE / top:.2f}%" y2="100%"/>' if top > WHOLE else ""
    return (
        f'<div class=percent><svg class=range aria-hidden=true><rect class=f-sure width="{low:.2f}%"/>'
        f'<rect class=f-unknown x="{low:.2f}%" width="{wide:.2f}%"/>{whole}</svg><span>{one.text}</span></div>'
    )


def occupancy(report: Report) -> Iterator[str]:
    """Yield the section of an `occupancy` report. Each team has a plot."""
    scale = Scale(report.begin, report.end)
    teams: dict[str, list[Column]] = {}
    for begin, end, team, low, high in columns(report, "from", "to", "team", "occupancy_low", "occupancy_high"):
        of_team = teams.setdefault(team or "(no team)", [])
        if low is not None:
            words = f"{clock(begin)} to {clock(end)}: {Range(low, high).text}"
            layers = (Layer("sure", low, words), Layer("unknown", high - low, words))
            of_team.append(Column(scale.place(begin), scale.place(end), layers))
    yield '<section id=picture><h2>Occupancy</h2><p>Solid is certain. Hatched with "?" is what the unknown time leaves'
    yield " open: the true value lies between its two ends. Where nothing is drawn, there is no value."
    if len(teams) > MOST_TEAMS:
        yield f" <strong>{len(teams) - MOST_TEAMS} teams are not drawn</strong>; the rows below have all of them."
    for team, of_team in list(teams.items())[:MOST_TEAMS]:
        yield f"<h3>{isolated(brief(team, LONGEST_NAME))}</h3><div class=plots>{side(WHOLE, ' %')}"
        label = f"Occupancy of {brief(team, LONGEST_NAME)} over time; the rows below have its figures."
        yield from plot(of_team, WHOLE, label, scale)
        yield f"{axis(scale.ticks())}</div>"
    yield "</section>"
