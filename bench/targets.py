"""What is to be reached, and whether it was: pure functions of the results."""

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from bench.contenders import BARE, BASELINES, CHECK, HELP, SNAPSHOT, VERSION, Command, Contender
from bench.polls import BY_HAND, DELTA, Poller
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
    """Return how many times a contender's wall goes into that of its contract's baseline."""
    pair = (BASELINES[contender.contract], contender)
    baseline, other = (comparison.middle(one.key, lambda sample: sample.wall) for one in pair)
    return baseline / other


def poll_ratio(comparison: Comparison, poller: Poller) -> float:
    """Return how long a poll takes, as a part of one by hand."""
    other, by_hand = (median(poll.seconds for poll in comparison.polls[one.name]) for one in (poller, BY_HAND))
    return other / by_hand


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
        grown = most.middle(contender.key, _peak) - least.middle(contender.key, _peak)
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
    for contender in (CHECK, SNAPSHOT):
        contract, baseline = contender.contract, BASELINES[contender.contract]
        if decisive is not None:
            figure = speed_up(decisive, contender)
            yield Verdict(
                f"{contract}: 10,000 agents at 50 ms at least {LEAST_SPEED_UP:g} x faster than the {baseline.name}",
                f"{figure:.1f} x",
                figure >= LEAST_SPEED_UP,
            )
        for latency_ms, grown in growths(results, contender):
            yield Verdict(
                f"{contract}: memory grows by at most {MOST_GROWTH:g} kB for each agent ({latency_ms} ms)",
                f"{grown.kilobytes:.2f} kB, from {grown.least:,} to {grown.most:,} agents",
                grown.kilobytes <= MOST_GROWTH,
            )
    requests = [poll.requests for comparison in results.comparisons for poll in comparison.polls[DELTA.name]]
    yield Verdict(
        "incontact: a delta poll of an idle tenant is 1 request",
        f"{' or '.join(map(str, sorted(set(requests))))} in each of {len(requests)} polls",
        set(requests) == {1},
    )
    for command in (VERSION, HELP):
        figure = start_ratio(results, command)
        yield Verdict(
            f"{command.title} under {MOST_COLD_START:g} x the bare interpreter",
            f"{figure:.2f} x",
            figure < MOST_COLD_START,
        )
