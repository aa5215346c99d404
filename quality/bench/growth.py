"""How time and memory grow with the population. Pure functions of the results."""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from quality.bench.results import Comparison, Results, Sample


class Growth(NamedTuple):
    """The growth `each` per further agent, from `least` to `most` agents."""

    least: int
    most: int
    each: float


def cpu(sample: Sample) -> float:
    """Return the CPU seconds of a run."""
    return sample.cpu


def wall(sample: Sample) -> float:
    """Return the seconds of a run."""
    return sample.wall


def peak(sample: Sample) -> float:
    """Return the peak of a run, in bytes."""
    return sample.peak


def steps(results: Results, contender: str, what: Callable[[Sample], float], latency_ms: int = 0) -> list[Growth]:
    """Return the growth between neighbouring populations of a contender."""
    measured = [one for one in results.at(latency_ms) if contender in one.samples]
    return [_growth(smaller, larger, contender, what) for smaller, larger in pairwise(measured)]


def whole(
    results: Results, contender: str, what: Callable[[Sample], float], *, least: int = 0, latency_ms: int = 0
) -> Growth | None:
    """The growth from the smallest sufficient population to the largest.

    It has at least `least` agents; None if there are not two.
    """
    measured = [one for one in results.at(latency_ms) if contender in one.samples and one.setting.agents >= least]
    return _growth(measured[0], measured[-1], contender, what) if len(measured) > 1 else None


def unevenness(grown: list[Growth]) -> float:
    """Return the largest growth divided by the smallest; 1 is linear."""
    each = [one.each for one in grown]
    return max(each) / min(each) if min(each) > 0 else float("inf")


def _growth(smaller: Comparison, larger: Comparison, contender: str, what: Callable[[Sample], float]) -> Growth:
    least, most = smaller.setting.agents, larger.setting.agents
    grown = larger.middle(contender, what) - smaller.middle(contender, what)
    return Growth(least, most, grown / (most - least))
