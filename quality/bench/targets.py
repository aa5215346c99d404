"""The targets, and whether they are met; pure functions of the results."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from quality.bench import growth
from quality.bench.contenders import BARE, CHECK, CONTRACTS, FLOOR, HELP, SEQUENTIAL, VERSION, Command
from quality.bench.limits import reached
from quality.bench.live import CHECK as FIRST_OF_CHECK
from quality.bench.live import IDLE, WATCH, WHOLE
from quality.bench.polls import BY_HAND, DELTA, Poller
from quality.bench.results import Comparison, Limited, LiveRuns, Results

DECISIVE = (10_000, 50)
"""Agents and latency in ms of the main comparison. It is a usual tenant, where waiting matters most."""
COSTLY = (100_000, 0)
MOST_OF_FLOOR = 1.15
LEAST_SPEED_UP = 25.0
MOST_CPU_OF_FLOOR = 1.5
LEAST_OF_LIMIT = 0.9
MOST_THROTTLED = 0.02
FURTHER_REQUESTS = 2
MOST_GROWTH = 0.9
MOST_CPU_OF_LOOK, MOST_CPU_OF_DELTA = 12e-6, 1.5e-3
"""CPU seconds: of a whole look per agent, of an idle delta."""
INTERVAL = 10.0
"""Seconds in which one core looks at 100,000 agents."""
MOST_OF_CHECK = 1.2
MOST_GROWTH_OF_POLLS = 1e6
"""Bytes in the second half of all idle polls."""
LARGEST, MOST_MEMORY = 1_000_000, 1.2e9
MOST_COLD_START = {VERSION: 3.0, HELP: 4.0}
"""Multiples of the bare interpreter's start."""
MOST_UNEVEN = 1.5
"""Limit of the largest growth per further agent over the smallest. It holds over all populations."""
ROWS = 100


class Verdict(NamedTuple):
    """A target, its contract or "", the figure, and whether it is met."""

    contract: str
    target: str
    figure: str
    met: bool


def judge(results: Results) -> Iterator[Verdict]:
    """Yield a verdict for each target that was measured."""
    for contract in CONTRACTS:
        check = f"{contract} {CHECK}"
        if (decisive := results.comparison(*DECISIVE)) is not None:
            yield from _speed(decisive, contract)
        if (costly := results.comparison(*COSTLY)) is not None:
            figure = costly.ratio(check, f"{contract} {FLOOR}", growth.cpu)
            each = costly.middle(check, growth.cpu) / COSTLY[0] * 1e6
            yield Verdict(
                contract,
                f"CPU per agent at most {MOST_CPU_OF_FLOOR:g} x the floor's, 100,000 agents at 0 ms",
                f"{figure:.2f} x, {each:.1f} us",
                figure <= MOST_CPU_OF_FLOOR,
            )
        yield from _requests(results, contract)
        yield from _memory(results, contract)
        yield from _linear(results, contract)
    yield from _limits(results)
    yield from _polls(results)
    yield from _live(results)
    for one in (*results.readers, *results.history):
        if one.least is not None or one.most is not None:
            bound = f"at least {one.least:,g}" if one.least is not None else f"at most {one.most:,g}"
            yield Verdict("", f"{one.what}: {bound} {one.unit}", one.figure, one.met)
    for command, most in MOST_COLD_START.items():
        figure = start_ratio(results, command)
        yield Verdict("", f"{command.title} at most {most:g} x the bare interpreter", f"{figure:.2f} x", figure <= most)


def most_requests(agents: int) -> int:
    """The most requests that a check may send. They are pages, batches, a token, and two more."""
    return 2 * -(-agents // ROWS) + 1 + FURTHER_REQUESTS


def poll_ratio(comparison: Comparison, poller: Poller) -> float:
    """Return the duration of a poll, as a share of the script's."""
    other, by_hand = (median(poll.seconds for poll in comparison.polls[one.name]) for one in (poller, BY_HAND))
    return other / by_hand


def start_ratio(results: Results, command: Command) -> float:
    """Return a command's start time, as a multiple of the bare interpreter's."""
    return median(results.cold_starts[command.name]) / median(results.cold_starts[BARE.name])


def _speed(decisive: Comparison, contract: str) -> Iterator[Verdict]:
    check, where = f"{contract} {CHECK}", f"{DECISIVE[0]:,} agents at {DECISIVE[1]} ms"
    of_floor = decisive.ratio(check, f"{contract} {FLOOR}", growth.wall)
    yield Verdict(
        contract,
        f"wall at most {MOST_OF_FLOOR:g} x the floor's, {where}",
        f"{of_floor:.2f} x",
        of_floor <= MOST_OF_FLOOR,
    )
    sequential = f"{contract} {SEQUENTIAL}"
    faster, floor = (decisive.ratio(sequential, one, growth.wall) for one in (check, f"{contract} {FLOOR}"))
    yield Verdict(
        contract,
        f"at least {LEAST_SPEED_UP:g} x faster than one request at a time, {where}",
        f"{faster:.1f} x (the floor: {floor:.1f} x)",
        faster >= LEAST_SPEED_UP,
    )


def _requests(results: Results, contract: str) -> Iterator[Verdict]:
    worst, agents = max(
        (sample.requests - most_requests(comparison.setting.agents), comparison.setting.agents)
        for comparison in results.comparisons
        for sample in comparison.samples[f"{contract} {CHECK}"]
    )
    yield Verdict(
        contract,
        "at most one request per 100 agents, one for their states, a token, and 2 more",
        f"{most_requests(agents) + worst:,} of {most_requests(agents):,} for {agents:,} agents",
        worst <= 0,
    )


def _memory(results: Results, contract: str) -> Iterator[Verdict]:
    grown = growth.whole(results, f"{contract} {CHECK}", growth.peak)
    if grown is not None:
        yield Verdict(
            contract,
            f"memory of `check` at most {MOST_GROWTH:g} kB per further agent",
            f"{grown.each / 1000:.2f} kB, to {grown.most:,} agents",
            grown.each / 1000 <= MOST_GROWTH,
        )
    if (largest := results.comparison(LARGEST, 0)) is not None:
        most = largest.middle(f"{contract} {CHECK}", growth.peak)
        yield Verdict(contract, "1,000,000 agents under 1.2 GB", f"{most / 1e6:,.0f} MB", most < MOST_MEMORY)


def _linear(results: Results, contract: str) -> Iterator[Verdict]:
    for what, of, unit, scale in (("CPU", growth.cpu, "us", 1e6), ("memory", growth.peak, "kB", 1e-3)):
        grown = growth.steps(results, f"{contract} {CHECK}", of)
        if len(grown) < 2:
            continue
        uneven = growth.unevenness(grown)
        each = ", ".join(f"{one.each * scale:.3g}" for one in grown)
        yield Verdict(
            contract,
            f"{what} per further agent varies at most {MOST_UNEVEN:g} x between populations",
            f"{uneven:.2f} x ({each} {unit})",
            uneven <= MOST_UNEVEN,
        )


def _limits(results: Results) -> Iterator[Verdict]:
    for limited in results.limited:
        limit = limited.limit
        hint = "with" if limit.retry_after == "seconds" else "without"
        under = f"{limit.rate} requests/s {hint} Retry-After"
        for contract, runs in limited.runs.items():
            each = [reached(run, limit) for run in runs]
            whole, steady = median(one.whole for one in each), median(one.steady for one in each)
            throttled = median(one.throttled for one in each)
            yield Verdict(
                contract,
                f"{under}: at least {LEAST_OF_LIMIT:.0%} of the allowed requests",
                f"{whole:.1%}; {steady:.1%} after 1 s{_given_up(runs)}",
                min(whole, steady) >= LEAST_OF_LIMIT and all(run.whole for run in runs),
            )
            yield Verdict(
                contract,
                f"{under}: at most {MOST_THROTTLED:.0%} throttled after the first second",
                f"{throttled:.1%}",
                throttled <= MOST_THROTTLED,
            )


def _given_up(runs: Sequence[Limited]) -> str:
    """How many runs ended without all responses, as text. "" if none did."""
    given_up = sum(not run.whole for run in runs)
    return f"; {given_up} of {len(runs)} runs gave up" if given_up else ""


def _polls(results: Results) -> Iterator[Verdict]:
    requests = [poll.requests for comparison in results.comparisons for poll in comparison.polls.get(DELTA.name, ())]
    if requests:
        yield Verdict(
            "incontact",
            "a delta poll of an idle tenant takes 1 request",
            f"{' or '.join(map(str, sorted(set(requests))))} in each of {len(requests)} polls",
            set(requests) == {1},
        )


def _live(results: Results) -> Iterator[Verdict]:
    for runs in results.live:
        if runs.looks:
            yield from _looks(results, runs)
        if len(runs.polls) > 1:
            grown = runs.polls[-1] - runs.polls[len(runs.polls) // 2]
            yield Verdict(
                IDLE.contract,
                f"memory flat over idle polls: at most {MOST_GROWTH_OF_POLLS / 1e6:g} MB in their second half",
                f"{grown / 1e6:.2f} MB in {len(runs.polls):,} polls",
                grown <= MOST_GROWTH_OF_POLLS,
            )
        for contract in CONTRACTS if runs.firsts else ():
            watch, check = (runs.firsts[f"{contract} {name}"] for name in (WATCH, FIRST_OF_CHECK))
            figure = median(one / other for one, other in zip(watch, check, strict=True))
            where = f"{runs.setting.agents:,} agents at {runs.setting.latency_ms} ms"
            yield Verdict(
                contract,
                f"the first board of `watch` within {MOST_OF_CHECK:g} x the time of `check`, {where}",
                f"{figure:.2f} x",
                figure <= MOST_OF_CHECK,
            )


def _looks(results: Results, runs: LiveRuns) -> Iterator[Verdict]:
    agents = runs.setting.agents
    for contract, kind in WHOLE.items():
        cpu = median(look.cpu for look in runs.looks[kind.name])
        floor = growth.whole(results, f"{contract} {FLOOR}", growth.cpu)
        of_floor = floor.each if floor is not None else 0.0
        yield Verdict(
            contract,
            f"CPU of a whole look at most {MOST_CPU_OF_LOOK * 1e6:g} us an agent above the floor's, {agents:,} agents",
            f"{cpu / agents * 1e6:.1f} us ({(cpu / agents - of_floor) * 1e6:.1f} us above)",
            cpu / agents - of_floor <= MOST_CPU_OF_LOOK,
        )
        if agents == COSTLY[0]:
            yield Verdict(
                contract, f"{agents:,} agents every {INTERVAL:g} s on one core", f"{cpu:.1f} s of CPU", cpu <= INTERVAL
            )
    delta = median(look.cpu for look in runs.looks[IDLE.name])
    yield Verdict(
        IDLE.contract,
        f"CPU of an idle delta at most {MOST_CPU_OF_DELTA * 1e3:g} ms, {agents:,} agents",
        f"{delta * 1e3:.2f} ms",
        delta <= MOST_CPU_OF_DELTA,
    )
