"""Pieces of pictures. Places are in percent, so that texts keep their size on every screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cxone_rollcall.model.struct import Value
from cxone_rollcall.views.html.escape import shown
from cxone_rollcall.views.reports.html.places import DRAWN
from cxone_rollcall.views.reports.html.scale import Scale, Tick

PLOT_HEIGHT = 180
"""The pixels of a plot with columns."""
_MOST_PARTS = 5
_LAST_LABEL = 99
"""Percent. A later label would not fit."""
_ROUND = (1, 2, 3, 4, 5, 6, 8)
_PATTERNS = {
    "on-contact": '<path d="M0 0h6v6H0z"/>',
    "after-contact": '<path d="M0 0h6v6H0z"/><circle class=over cx=3 cy=3 r=1.4 />',
    "available": '<path d="M0 0h6v6H0z"/><path class=line d="M-1 1l2 -2M0 6l6 -6M5 7l2 -2"/>',
    "unavailable": '<path d="M0 0h6v6H0z"/><path class=line d="M0 1.5h6M0 4.5h6"/>',
    "pending": '<path d="M0 0h6v6H0z"/><path class=line d="M1.5 0v6M4.5 0v6"/>',
    "other": '<path d="M0 0h6v6H0z"/><path class=line d="M3 0v6M0 3h6"/>',
}
_UNKNOWN = (
    '<pattern id=p-unknown width=16 height=16 patternUnits=userSpaceOnUse><path class=ground d="M0 0h16v16H0z"/>'
    '<path class=hatch d="M-2 2l4 -4M-2 10l12 -12M0 16l16 -16M6 18l12 -12M14 18l4 -4"/>'
    "<text x=8 y=12.5 text-anchor=middle>?</text></pattern>"
)


class Layer(Value, frozen=True):
    """A part of a column. `text` is its words."""

    key: str
    value: float
    text: str


class Column(Value, frozen=True):
    """A column of a plot. It goes from `left` to `right`, in percent; its layers are from below."""

    left: float
    right: float
    layers: tuple[Layer, ...]


def patterns() -> str:
    """The patterns that all pictures of the page fill with. They stand in the page once."""
    made = "".join(
        f"<pattern id=p-{key} class=c-{key} width=6 height=6 patternUnits=userSpaceOnUse>{_PATTERNS[key]}</pattern>"
        for key in DRAWN
        if key in _PATTERNS
    )
    return f"<svg class=patterns width=0 height=0 aria-hidden=true><defs>{made}{_UNKNOWN}</defs></svg>"


def swatch(key: str) -> str:
    """A sample of a place's pattern, for the legend."""
    return (
        f'<svg class=swatch width=28 height=16 aria-hidden=true><rect class=f-{key} width="100%" height="100%"/></svg>'
    )


def axis(ticks: Iterable[Tick]) -> str:
    """The written times."""
    texts = "".join(
        f'<text x="{tick.place:.2f}%" y=12 class="{_classes(tick)}">{tick.text}</text>'
        for tick in ticks
        if tick.place < _LAST_LABEL
    )
    return f"<svg class=axis height=16 aria-hidden=true>{texts}</svg>"


def _classes(tick: Tick) -> str:
    return " ".join([*(["minor"] if tick.minor else []), *(["first"] if tick.place < 100 - _LAST_LABEL else [])])


def grid(ticks: Iterable[Tick]) -> str:
    """Lines at the written times, behind the lanes."""
    lines = "".join(f'<line x1="{tick.place:.2f}%" x2="{tick.place:.2f}%" y2="100%"/>' for tick in ticks)
    return f"<svg class=grid aria-hidden=true>{lines}</svg>"


def plot(columns: Iterable[Column], top: float, label: str, scale: Scale) -> Iterator[str]:
    """Columns of layers, the highest `top` high. `label` says in words what it shows."""
    yield f'<svg class=plot height={PLOT_HEIGHT} role=img aria-label="{shown(label)}">'
    for tick in scale.ticks():
        yield f'<line x1="{tick.place:.2f}%" x2="{tick.place:.2f}%" y2="100%"/>'
    for mark in marks(top):
        yield f'<line x2="100%" y1={_height(mark, top)} y2={_height(mark, top)} />'
    yield '<line class=base x2="100%" y1="100%" y2="100%"/>'
    for column in columns:
        at = 0.0
        for layer in column.layers:
            y, below = _height(at + layer.value, top), _height(at, top)
            at += layer.value
            yield (
                f'<rect class=f-{layer.key} x="{column.left:.2f}%" width="{column.right - column.left:.2f}%" y={y:.1f}'
                f" height={below - y:.1f}><title>{shown(layer.text)}</title></rect>"
            )
    yield "</svg>"


def side(top: float, unit: str) -> str:
    """The numbers beside a plot."""
    texts = "".join(f'<text x="100%" y={max(_height(mark, top), 8) + 4:.1f}>{mark}{unit}</text>' for mark in marks(top))
    return f"<svg class=side height={PLOT_HEIGHT} aria-hidden=true>{texts}</svg>"


def marks(top: float) -> list[int]:
    """The values written beside a plot. They are whole, from 0 to `top`."""
    step = next(
        step for size in range(9) for step in (10**size, 2 * 10**size, 5 * 10**size) if top <= step * _MOST_PARTS
    )
    return list(range(0, int(top) + 1, step))


def round_top(value: float) -> float:
    """The least round number that a plot of these values needs."""
    return float(next(top for size in range(9) for step in _ROUND if value <= (top := step * 10**size)))


def _height(value: float, top: float) -> float:
    return PLOT_HEIGHT - PLOT_HEIGHT * value / top
