"""The days of a window, and the sums. Columns and lanes share a time axis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from cxone_rollcall.model.wording import counted
from cxone_rollcall.views.html.escape import isolated
from cxone_rollcall.views.reports.html.lanes import Lane, lanes, team_lanes
from cxone_rollcall.views.reports.html.places import BY_KEY, DRAWN, OFF, PLACES, columns, place_of, state_text
from cxone_rollcall.views.reports.html.scale import Scale, days
from cxone_rollcall.views.reports.html.stacks import Bucket, buckets, figures, stacks, top_of
from cxone_rollcall.views.reports.html.svg import axis, swatch
from cxone_rollcall.views.reports.words import duration, window

if TYPE_CHECKING:
    from cxone_rollcall.reports.pictures import Pictures
    from cxone_rollcall.reports.report import Report

MOST_DAYS = 7
MOST_SPANS = 20_000
"""Intervals that are drawn, of about 150 bytes each."""
_DAY_SECONDS = 86_400
MOST_STATES = 100


def days_section(pictures: Pictures) -> Iterator[str]:
    """Yield the section of the days."""
    every, drawn = buckets(pictures.stacked), _within_bounds(pictures)
    top = top_of(every)
    parts = days(pictures.stacked.begin, pictures.stacked.end)
    yield f"<section id=days><h2>{'The days' if len(parts) > 1 else 'The day'}</h2>"
    yield "<p>Columns: agents who are logged in or unknown, on average over a quarter hour. Lanes: each agent's"
    yield " states. Rest the pointer on a part to read its times."
    yield from _left_out(pictures, drawn, len(parts))
    yield f"<ul class=legend>{_legend(every, drawn)}</ul>"
    for scale in parts[:MOST_DAYS]:
        yield f"<h3>{window(scale.begin, scale.end)}{_unusual(scale)}</h3><div class=plots>"
        yield from stacks(every, scale, top)
        yield f"{axis(scale.ticks())}</div>"
        yield from team_lanes(drawn, scale)
    yield from figures([one for one in every if one.begin < parts[:MOST_DAYS][-1].end])
    yield "</section>"


def _within_bounds(pictures: Pictures) -> list[Lane]:
    """The lanes that are drawn: as many as a page can bear."""
    every = lanes(pictures.timeline, pictures.teams, pictures.exceptions)
    totals = accumulate(len(lane.spans) for lane in every)
    return [lane for lane, total in zip(every, totals, strict=True) if total <= MOST_SPANS]


def _left_out(pictures: Pictures, drawn: list[Lane], parts: int) -> Iterator[str]:
    if len(drawn) < pictures.agents:
        left = pictures.agents - len(drawn)
        yield f" <strong>Agents without a lane here: {left:,} of {pictures.agents:,}</strong>. Drawn are the first by"
        yield " team and name; <code>--team</code> and <code>--agent</code> choose others."
    if parts > MOST_DAYS:
        yield f" <strong>Days not drawn: the last {parts - MOST_DAYS} of {parts}</strong>."


def _legend(every: list[Bucket], drawn: list[Lane]) -> str:
    seen = {key for one in every for key in one.seconds} | {span.key for lane in drawn for span in lane.spans}
    known = [place for place in PLACES if place.key in seen and place.key != OFF]
    listed = [f"<li>{swatch(place.key)} {place.glyph} {place.name}" for place in known]
    if any(lane.exceptions for lane in drawn):
        listed.append(f"<li>{swatch('exception')} ! Out of the schedule")
    return "".join(listed)


def _unusual(scale: Scale) -> str:
    """The length of a day on which the clocks change."""
    whole = scale.begin.date() != scale.end.date() and scale.begin.hour == scale.end.hour == 0
    hours = scale.seconds / 3600
    return f" <small>({hours:g} hours, because the clocks change)</small>" if whole and hours != 24 else ""


def sums(stacked: Report) -> Iterator[str]:
    """Yield the section of the sums. It has places, then states."""
    places: dict[str, int] = {}
    states: dict[tuple[str, str], int] = {}
    asked = ("standing", "group", "state", "sub_state", "seconds")
    for standing, group, state, sub_state, seconds in columns(stacked, *asked):
        key = place_of(standing, group)
        places[key] = places.get(key, 0) + seconds
        text = state_text(standing, state, sub_state)
        states[key, text] = states.get((key, text), 0) + seconds
    yield "<section id=sums><h2>Time in state</h2><table class=figures><caption>Each second of each agent is in exactly"
    yield " one line. Hours, minutes and seconds.</caption><thead><tr><th scope=col>Place<th scope=col class=n>Time"
    yield "<th scope=col>What it means</thead><tbody>"
    for place in PLACES:
        if place.key in places:
            yield f"<tr><th scope=row>{swatch(place.key)} {place.name}<td class=n>{duration(places[place.key])}"
            yield f"<td>{place.meaning}"
    yield f"</tbody><tfoot><tr><th scope=row>All agents<td class=n>{duration(sum(places.values()))}<td>"
    yield "= the sum of the lines above</tfoot></table>"
    longest = sorted(((key, text) for key, text in states if key in DRAWN), key=lambda one: -states[one])
    if longest:
        yield "<h3>States</h3><table class=figures><thead><tr><th scope=col>State<th scope=col class=n>Time"
        yield "<th scope=col>Counted as</thead><tbody>"
        for key, text in longest[:MOST_STATES]:
            yield f"<tr><th scope=row>{isolated(text)}<td class=n>{duration(states[key, text])}<td>{BY_KEY[key].name}"
        yield "</tbody></table>"
        if len(longest) > MOST_STATES:
            yield f"<p><strong>{counted(len(longest) - MOST_STATES, 'state')} left out</strong>: the longest are shown."
    yield "</section>"
