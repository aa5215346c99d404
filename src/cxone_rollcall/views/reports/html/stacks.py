"""Time in state as stacked columns. One is a quarter hour, with the average number of agents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.reports.html.places import BY_KEY, DRAWN, PLACES, columns, place_of
from cxone_rollcall.views.reports.html.scale import Scale
from cxone_rollcall.views.reports.html.svg import Column, Layer, plot, round_top, side
from cxone_rollcall.views.reports.words import clock, duration

if TYPE_CHECKING:
    from cxone_rollcall.reports.report import Report


class Bucket(Value, frozen=True):
    """A quarter hour: the seconds of all agents at each place."""

    begin: datetime
    end: datetime
    seconds: Mapping[str, int]

    def agents(self, key: str) -> float:
        """How many agents were at a place, on average."""
        return self.seconds.get(key, 0) / (self.end.timestamp() - self.begin.timestamp())

    def logged_in(self) -> float:
        """How many agents are drawn: those logged in, and the unknown ones."""
        return sum(self.agents(key) for key in DRAWN)


def buckets(report: Report) -> list[Bucket]:
    """The buckets of a `time-in-state` report, summed over everything but the place."""
    found: dict[tuple[float, float], tuple[datetime, datetime, dict[str, int]]] = {}
    for begin, end, standing, group, seconds in columns(report, "from", "to", "standing", "group", "seconds"):
        key = begin.timestamp(), end.timestamp()
        sums = found.setdefault(key, (begin, end, {}))[2]
        place = place_of(standing, group)
        sums[place] = sums.get(place, 0) + seconds
    return [Bucket(*found[key]) for key in sorted(found)]


def stacks(every: list[Bucket], scale: Scale, top: float) -> Iterator[str]:
    """Yield the columns of one day. `top` is the height of all days' pictures."""
    first, last = scale.begin.timestamp(), scale.end.timestamp()
    day = [one for one in every if first <= one.begin.timestamp() < last]
    most = max(day, key=Bucket.logged_in, default=None)
    label = "Agents logged in, by quarter hour."
    if most is not None and most.logged_in():
        label += f" The most, {most.logged_in():.1f} with the unknown ones, from {_span(most)}."
    yield side(top, "")
    yield from plot((_column(one, scale) for one in day), top, label, scale)


def top_of(every: list[Bucket]) -> float:
    """The height that all buckets fit in."""
    return round_top(max([1.0, *(one.logged_in() for one in every)]))


def _column(bucket: Bucket, scale: Scale) -> Column:
    layers = (Layer(key, bucket.agents(key), _text(bucket, key)) for key in DRAWN if bucket.agents(key))
    return Column(scale.place(bucket.begin), scale.place(bucket.end), tuple(layers))


def _text(bucket: Bucket, key: str) -> str:
    return f"{_span(bucket)}: {BY_KEY[key].name}, {bucket.agents(key):.1f} agents on average"


def _span(bucket: Bucket) -> str:
    return f"{clock(bucket.begin)} to {clock(bucket.end)}"


def figures(every: list[Bucket]) -> Iterator[str]:
    """Yield the figures of the columns as a table."""
    places = [place for place in PLACES if any(one.seconds.get(place.key) for one in every)]
    yield "<details class=long><summary>The figures of the columns</summary>"
    yield '<div class=wide tabindex=0 role=region aria-label="The figures of the columns"><table class=rows><caption>'
    yield "Hours, minutes and seconds of all agents.</caption><thead><tr><th scope=col>From<th scope=col>To"
    yield "".join(f"<th scope=col class=n>{place.name}" for place in places) + "</thead><tbody>"
    for one in every:
        yield f"<tr><th scope=row>{one.begin:%Y-%m-%d} {clock(one.begin)}<td>{clock(one.end)}"
        yield "".join(f"<td class=n>{duration(one.seconds.get(place.key, 0))}" for place in places)
    yield "</tbody></table></div></details>"
