"""The pictures are well-formed SVG with text labels."""

from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality.bench.chart import Line, Panel, draw, spread
from quality.bench.pictures import GROWTH, WALL, pictures
from quality.bench.plan import tiny
from tests.quality.bench.made import results

SVG = "{http://www.w3.org/2000/svg}"


def words(svg: str) -> list[str]:
    """The texts of a picture, in order. Raises if it is not XML."""
    return ["".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314  our own


def test_labels() -> None:
    """Each line and each axis is labelled.

    A line has name and last value at its end, an axis its title and powers of ten.
    """
    lines = [Line("floor & <all>", "c", [(1_000, 0.2), (100_000, 2.0)]), Line("check", "d", [(1_000, 0.3)])]
    said = words(draw("Seconds", [Panel("v2", "agents", "wall", lines, "{:g} s".format)]))
    assert said[:3] == ["Seconds", "v2", "wall"]
    assert {"0.1 s", "1 s", "10 s", "1,000", "10,000", "100,000", "agents"} < set(said)
    assert said[-2:] == ["floor & <all> 2 s", "check 0.3 s"]


def test_higher_is_more() -> None:
    """Larger values are higher, larger populations further right, at logarithmic distances."""
    svg = draw("", [Panel("", "", "", [Line("a", "a", [(10, 1), (100, 10), (1000, 100)])], str)])
    circles = ET.fromstring(svg).iter(f"{SVG}circle")  # noqa: S314
    places = [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in circles]
    steps = [(other[0] - one[0], other[1] - one[1]) for one, other in pairwise(places)]
    assert steps[0] == pytest.approx(steps[1])
    assert steps[0][0] > 0 > steps[0][1]


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8).map(sorted))
def test_labels_do_not_touch(places: list[float]) -> None:
    """Labels keep order and distance. One without neighbours stays at its line's end."""
    moved = spread(places, 14)
    assert len(moved) == len(places)
    assert all(other - one >= 14 - 1e-6 for one, other in pairwise(moved))
    if all(other - one > 14 for one, other in pairwise(places)):
        assert moved == pytest.approx(places)


def test_both_schemes() -> None:
    """A picture has colours for light and dark pages. There is a background below its text."""
    for svg in pictures(results()).values():
        assert "prefers-color-scheme: dark" in svg
        assert '<rect class="paper"' in svg


def test_what_the_pictures_show() -> None:
    """Each picture shows what its title says.

    One has four contenders per contract at 50 ms, the other time and memory to 1,000,000 agents.
    """
    drawn = {name: words(svg) for name, svg in pictures(results()).items()}
    assert "50 ms" in drawn[WALL][0]
    for name in ("one by one", "16 threads", "floor", "check"):
        assert sum(text.startswith(f"{name} ") for text in drawn[WALL]) == 2
    assert drawn[GROWTH].count("1,000,000") == 4
    assert "check 540" in drawn[GROWTH]


def test_a_plan_without_50_ms() -> None:
    """Without a latency of 50 ms, the picture shows the largest. Its title says so."""
    assert "0 ms" in words(pictures(results(tiny(300)))[WALL])[0]
