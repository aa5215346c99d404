"""Percentages with their range. The certain part is solid, what unknown time leaves open is hatched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value
from cxone_rollcall.model.wording import counted
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
        low, high = percentage(self.low), percentage(self.high)
        return f"{low} %" if low == high else f"{low} to {high} %"


class Judged(Value, frozen=True):
    """An agent, or all together. Seconds are None without a schedule."""

    named: str
    scheduled: int | None
    unknown: int | None
    adherence: Range
    conformance: Range

    @property
    def is_scheduled(self) -> bool:
        """Whether it has percentages."""
        return self.adherence.low is not None


def adherence(report: Report) -> Iterator[str]:
    """Yield the section of an `adherence` report: each agent's two ranges."""
    every = sorted(_judged(report), key=lambda one: (not one.is_scheduled, one.adherence.low))
    scheduled = [one for one in every if one.is_scheduled]
    top = max([WHOLE, *(one.conformance.high or 0 for one in scheduled)])
    yield '<section id=picture><h2>Adherence and conformance</h2><p>Solid is certain. Hatched with "?" is what the'
    yield " unknown and unmapped time leave open: the true value lies between its two ends. The lowest come first."
    if len(every) > MOST_RANGES:
        yield f" <strong>Agents not drawn: {len(every) - MOST_RANGES}</strong>; the other formats list all of them."
    yield "<table class=ranges><thead><tr><th scope=col>Agent<th scope=col class=n>Scheduled<th scope=col class=n>"
    yield "Unknown<th scope=col>Adherence<th scope=col>Conformance</thead><tbody>"
    if len(scheduled) > 1:
        yield f"<tr class=all>{_row(_together(scheduled), top)}"
    for one in every[:MOST_RANGES]:
        yield f"<tr>{_row(one, top)}"
    yield "</tbody></table></section>"


def _judged(report: Report) -> Iterator[Judged]:
    asked = ("agent_id", "name", "scheduled_seconds", "unknown_seconds")
    figures = ("adherence_low", "adherence_high", "conformance_low", "conformance_high")
    for agent_id, name, scheduled, unknown, *percent in columns(report, *asked, *figures):
        named = f'<span title="{shown(agent_id)}">{isolated(brief(name or agent_id, LONGEST_NAME))}</span>'
        yield Judged(named, scheduled, unknown, Range(*percent[:2]), Range(*percent[2:]))


def _together(every: Sequence[Judged]) -> Judged:
    """All of these agents as one. Each percentage weighs as much as its scheduled seconds."""
    scheduled = sum(one.scheduled or 0 for one in every)

    def mean(of: Callable[[Judged], float | None]) -> float:
        return sum((one.scheduled or 0) * (of(one) or 0) for one in every) / scheduled

    return Judged(
        counted(len(every), "agent"),
        scheduled,
        sum(one.unknown or 0 for one in every),
        Range(mean(lambda one: one.adherence.low), mean(lambda one: one.adherence.high)),
        Range(mean(lambda one: one.conformance.low), mean(lambda one: one.conformance.high)),
    )


def _row(one: Judged, top: float) -> str:
    return (
        f"<th scope=row>{one.named}<td class=n>{'' if one.scheduled is None else duration(one.scheduled)}"
        f"<td class=n>{duration(one.unknown) if one.unknown else ''}"
        f"<td>{_bar(one.adherence, WHOLE)}<td>{_bar(one.conformance, top)}\n"
    )


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
        yield f" <strong>Teams not drawn: {len(teams) - MOST_TEAMS}</strong>; the rows below have all of them."
    for team, of_team in list(teams.items())[:MOST_TEAMS]:
        yield f"<h3>{isolated(brief(team, LONGEST_NAME))}</h3><div class=plots>{side(WHOLE, ' %')}"
        label = f"Occupancy of {brief(team, LONGEST_NAME)} over time; the rows below have its figures."
        yield from plot(of_team, WHOLE, label, scale)
        yield f"{axis(scale.ticks())}</div>"
    yield "</section>"
