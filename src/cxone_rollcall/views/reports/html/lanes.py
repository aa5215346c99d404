"""The day of a team as lanes. One is an agent's states along the time axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.evidence import LONGEST_NAME
from cxone_rollcall.views.html.escape import isolated, shown
from cxone_rollcall.views.reports.html.places import OFF, OUT, PLACES, UNKNOWN, columns, place_of, state_text
from cxone_rollcall.views.reports.html.scale import Scale
from cxone_rollcall.views.reports.html.svg import axis, grid
from cxone_rollcall.views.reports.words import clock, duration
from cxone_rollcall.views.text import brief

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report

NO_TEAM = "(no team)"
_NARROWEST = 0.01
"""Percent. What is narrower cannot be seen."""


class Span(Value, frozen=True):
    """A time that a lane shows. It is an interval, or an exception from the schedule."""

    begin: datetime
    end: datetime
    key: str
    text: str

    def seconds_in(self, scale: Scale) -> float:
        """How much of it lies in a day."""
        begin = max(self.begin.timestamp(), scale.begin.timestamp())
        return max(min(self.end.timestamp(), scale.end.timestamp()) - begin, 0)


class Lane(Value, frozen=True):
    """One agent, its intervals, and its exceptions."""

    agent_id: str
    name: str
    team: str
    spans: Sequence[Span]
    exceptions: Sequence[Span] = ()


def lanes(timeline: Report, teams: Mapping[str, str | None], exceptions: Report | None) -> list[Lane]:
    """The lanes of a `timeline` report, by team and name. `exceptions` are those of the same agents."""
    names: dict[str, str] = {}
    spans: dict[str, list[Span]] = {}
    asked = ("agent_id", "name", "begin", "end", "standing", "group", "state", "sub_state", "source")
    for agent_id, name, begin, end, standing, group, state, sub_state, source in columns(timeline, *asked):
        known_by = "" if source in (None, "observed") else f" ({source})"
        text = f"{state_text(standing, state, sub_state)}{known_by}"
        spans.setdefault(agent_id, []).append(Span(begin, end, place_of(standing, group), text))
        names[agent_id] = name or ""
    out = _exceptions(exceptions)
    made = [Lane(one, names[one], teams.get(one) or NO_TEAM, spans[one], out.get(one, ())) for one in spans]
    return sorted(made, key=lambda lane: (lane.team == NO_TEAM, lane.team.casefold(), lane.name.casefold()))


def _exceptions(report: Report | None) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    if report is not None:
        asked = ("agent_id", "begin", "end", "scheduled", "actual", "impact")
        for agent_id, begin, end, scheduled, actual, impact in columns(report, *asked):
            text = f"scheduled {scheduled}, was {actual} ({impact})"
            found.setdefault(agent_id, []).append(Span(begin, end, "exception", text))
    return found


def team_lanes(every: Iterable[Lane], scale: Scale) -> Iterator[str]:
    """Yield the lanes of one day, team by team."""
    for team, members in groupby(every, key=lambda lane: lane.team):
        yield f"<h4>{isolated(brief(team, LONGEST_NAME))}</h4><div class=lanes>{grid(scale.ticks())}"
        yield f"<div class=head>{axis(scale.ticks())}<b>logged in</b><b>unknown</b></div><ul>"
        for lane in members:
            yield from _lane(lane, scale)
        yield "</ul></div>\n"


def _lane(lane: Lane, scale: Scale) -> Iterator[str]:
    sums: dict[str, float] = {}
    for span in lane.spans:
        sums[span.key] = sums.get(span.key, 0) + span.seconds_in(scale)
    logged_in = sum(seconds for key, seconds in sums.items() if key not in (UNKNOWN, OUT, OFF))
    unknown = sums.get(UNKNOWN, 0)
    name = isolated(brief(lane.name, LONGEST_NAME)) if lane.name else f"<code>{shown(lane.agent_id)}</code>"
    yield f'<li><span class=who title="{shown(lane.agent_id)}">{name}</span>'
    yield f'<svg class="lane{" judged" if lane.exceptions else ""}" role=img aria-label="{_words(lane, sums)}">'
    for span in (*lane.spans, *lane.exceptions):
        yield _rect(span, scale)
    yield f"</svg><span class=n>{duration(int(logged_in))}</span>"
    yield f"<span class=n>{duration(int(unknown)) if unknown else ''}</span>\n"


def _words(lane: Lane, sums: Mapping[str, float]) -> str:
    """A lane in words, for who cannot see it."""
    parts = [f"{place.name} {duration(int(sums[place.key]))}" for place in PLACES if sums.get(place.key)]
    return shown(f"{brief(lane.name, LONGEST_NAME) or lane.agent_id}: {', '.join(parts) or 'nothing'}")


def _rect(span: Span, scale: Scale) -> str:
    left, right = round(scale.place(span.begin), 2), round(scale.place(span.end), 2)
    if right - left < _NARROWEST or span.key == OFF:
        return ""
    words = f"{clock(span.begin)} to {clock(span.end)}: {span.text}"
    return f'<rect class=f-{span.key} x="{left}%" width="{right - left:.2f}%"><title>{shown(words)}</title></rect>'
