"""What is to be reached, and whether it was: pure functions of the results."""

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from bench.contenders import BARE, CHECK, HELP, TUTORIAL, VERSION, Command, Contender
from bench.results import Comparison, Results, Sample

LEAST_SPEED_UP = 15.0
MOST_GROWTH = 1.5
MOST_COLD_START = 4.0


class Verdict(NamedTuple):
    """A target, the figure that was measured, and whether it is met."""

    target: str
    figure: str
    met: bool


def speed_up(comparison: Comparison, contender: Contender) -> float:
    """Return how many times a contender's wall goes into the tutorial's."""
    tutorial, other = (comparison.middle(one.name, lambda sample: sample.wall) for one in (TUTORIAL, contender))
    return tutorial / other


class Growth(NamedTuple):
    """Peak memory from a population of `least` to one of `most` agents: kB for each further agent, of 1,000 bytes."""

    least: int
    most: int
    kilobytes: float


def growths(results: Results, contender: Contender) -> Iterator[tuple[int, Growth]]:
    """Return (latency in ms, growth) for each latency, from the smallest population measured to the largest."""
    for latency_ms in sorted({comparison.setting.latency_ms for comparison in results.comparisons}):
        populations = results.at(latency_ms)
        least, most = populations[0], populations[-1]
        grown = most.middle(contender.name, _peak) - least.middle(contender.name, _peak)
        agents = most.setting.agents - least.setting.agents
        yield latency_ms, Growth(least.setting.agents, most.setting.agents, grown / agents / 1000)


def start_ratio(results: Results, command: Command) -> float:
    """Return how many starts of the bare interpreter a command takes."""
    return median(results.cold_starts[command.name]) / median(results.cold_starts[BARE.name])


def _peak(sample: Sample) -> int:
    return sample.peak


def judge(results: Results) -> Iterator[Verdict]:
    """Compare each target with what was measured for it."""
    decisive = results.comparison(10_000, 50)
    if decisive is not None:
        figure = speed_up(decisive, CHECK)
        yield Verdict(
            f"10,000 agents at 50 ms at least {LEAST_SPEED_UP:g} x faster than the tutorial's script",
            f"{figure:.1f} x",
            figure >= LEAST_SPEED_UP,
        )
    for latency_ms, grown in growths(results, CHECK):
        yield Verdict(
            f"memory grows by at most {MOST_GROWTH:g} kB for each agent ({latency_ms} ms)",
            f"{grown.kilobytes:.2f} kB, from {grown.least:,} to {grown.most:,} agents",
            grown.kilobytes <= MOST_GROWTH,
        )
    for command in (VERSION, HELP):
        figure = start_ratio(results, command)
        yield Verdict(
            f"{command.title} under {MOST_COLD_START:g} x the bare interpreter",
            f"{figure:.2f} x",
            figure < MOST_COLD_START,
        )
