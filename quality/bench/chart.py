"""Lines on two logarithmic axes, as SVG; pure functions of values.

No plotting library: a few lines and labels are enough, and our colours can follow the reader's light or dark scheme.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

_WIDTH, _HEIGHT = 460, 310
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 128, 40, 48
_HEAD, _GAP = 34, 14.0
_STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #24292f }
.head { font-size: 15px; font-weight: 600 } .name { font-weight: 600 } .quiet { fill: #57606a }
.paper { fill: #ffffff } .grid { stroke: #d8dee4; stroke-width: 1 } .line { fill: none; stroke-width: 2 }
.lead { fill: none; stroke: #8c959f; stroke-width: 1; stroke-dasharray: 1 3 }
.a { stroke: #9a6700 } .b { stroke: #8250df } .c { stroke: #57606a } .d { stroke: #0969da } .e { stroke: #1a7f37 }
.dot { fill: #ffffff; stroke-width: 2 } .a.line { stroke-dasharray: 2 4 } .b.line { stroke-dasharray: 8 4 }
.c.line { stroke-dasharray: 4 2 } .e.line { stroke-dasharray: 10 3 2 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9da7b3 } .paper, .dot { fill: #1c2128 } .grid { stroke: #3d444d }
.a { stroke: #e3b341 } .b { stroke: #bc8cff } .c { stroke: #9da7b3 } .d { stroke: #58a6ff } .e { stroke: #3fb950 }
}"""


class Line(NamedTuple):
    """A line: name, style ("a" to "e") and points. The points (x, y) are above 0, with x ascending."""

    name: str
    style: str
    points: Sequence[tuple[float, float]]


class Panel(NamedTuple):
    """A pair of axes; `worth` formats values of the y axis."""

    title: str
    x_title: str
    y_title: str
    lines: Sequence[Line]
    worth: Callable[[float], str]


class _Scale(NamedTuple):
    """An axis from 10**`low` at pixel `start` to 10**`high` at pixel `end`."""

    low: int
    high: int
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def draw(title: str, panels: Sequence[Panel], *, columns: int = 2) -> str:
    """Return the SVG of these panels, with `columns` panels per row."""
    rows = -(-len(panels) // columns)
    width, height = _WIDTH * min(columns, len(panels)), _HEAD + _HEIGHT * rows
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"',
        f"  aria-label={quoteattr(title)}>",
        f"<title>{escape(title)}</title>",
        f"<style>\n{_STYLE}\n</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="6"/>',
        f'<text class="head" x="16" y="24">{escape(title)}</text>',
    ]
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        parts.append(f'<g transform="translate({column * _WIDTH} {_HEAD + row * _HEIGHT})">')
        parts += _panel(panel)
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> Iterator[str]:
    across = _scale((x for line in panel.lines for x, _ in line.points), _LEFT, _WIDTH - _RIGHT)
    upwards = _scale((y for line in panel.lines for _, y in line.points), _HEIGHT - _BOTTOM, _TOP)
    yield f'<text class="name" x="{_LEFT}" y="16">{escape(panel.title)}</text>'
    yield f'<text class="quiet" x="{_LEFT}" y="32">{escape(panel.y_title)}</text>'
    for tick in upwards.ticks:
        y = upwards(tick)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>'
        yield f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{panel.worth(tick)}</text>'
    for tick in across.ticks:
        x = across(tick)
        yield f'<path class="grid" d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}"/>'
        yield f'<text class="quiet" x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle">{tick:,.0f}</text>'
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    yield f'<text class="quiet" x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle">{escape(panel.x_title)}</text>'
    for line in panel.lines:
        places = [(across(x), upwards(y)) for x, y in line.points]
        yield f'<path class="line {line.style}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in places)}"/>'
        for (x, y), (count, value) in zip(places, line.points, strict=True):
            said = f"{line.name}, {count:,.0f}: {panel.worth(value)}"
            yield f'<circle class="dot {line.style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
            yield f"<title>{escape(said)}</title></circle>"
    yield from _names(panel, across, upwards)


def _names(panel: Panel, across: _Scale, upwards: _Scale) -> Iterator[str]:
    """Yield labels with name and last value at the line ends. They are in one column without overlaps."""
    ends = sorted((upwards(line.points[-1][1]), line) for line in panel.lines)
    places = spread([y for y, _ in ends], _GAP)
    x = _WIDTH - _RIGHT + 14
    for (y, line), place in zip(ends, places, strict=True):
        end = across(line.points[-1][0])
        yield f'<path class="lead" d="M{end + 5:.1f} {y:.1f}L{x - 3} {place:.1f}"/>'
        worth = panel.worth(line.points[-1][1])
        yield (f'<text x="{x}" y="{place + 4:.1f}">{escape(line.name)}<tspan class="quiet"> {worth}</tspan></text>')


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Return ascending places moved apart to a distance of at least `gap`.

    Places that would overlap are centred around their mean.
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _laid(groups[-2], gap)[-1] + gap > _laid(groups[-1], gap)[0]:
            last = groups.pop()
            groups[-1] += last
    return [place for group in groups for place in _laid(group, gap)]


def _laid(group: Sequence[float], gap: float) -> list[float]:
    first = sum(group) / len(group) - gap * (len(group) - 1) / 2
    return [first + gap * place for place in range(len(group))]


def _scale(values: Iterable[float], start: float, end: float) -> _Scale:
    known = list(values)
    low, high = math.floor(math.log10(min(known)) + 1e-9), math.ceil(math.log10(max(known)) - 1e-9)
    return _Scale(low, max(high, low + 1), start, end)
