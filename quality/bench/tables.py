"""The tables of the report, as lines of Markdown. Pure functions of the results."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from statistics import median

from quality.bench import growth
from quality.bench.contenders import BARE, CHECK, COLD_STARTS, CONTENDERS, CONTRACTS, FLOOR, SEQUENTIAL, Contender
from quality.bench.limits import reached, shortest
from quality.bench.live import KINDS
from quality.bench.polls import BY_HAND, POLLERS
from quality.bench.results import Capacity, Comparison, LimitedRuns, Measure, Results
from quality.bench.targets import Verdict, judge, poll_ratio, start_ratio
from quality.common.markdown import table


def targets(results: Results) -> Iterator[str]:
    """The targets, with each contract's figure and whether it is met."""
    judged: dict[str, list[Verdict]] = {}
    for verdict in judge(results):
        judged.setdefault(verdict.target, []).append(verdict)
    rows = (
        (target, *(_measured(verdicts, contract) for contract in CONTRACTS), _is(met=all(one.met for one in verdicts)))
        for target, verdicts in judged.items()
    )
    return table(("target", *CONTRACTS, "result"), rows)


def _measured(verdicts: Sequence[Verdict], contract: str) -> str:
    """The figure for a contract. Targets without a contract use the first column."""
    of = [one for one in verdicts if one.contract == contract or (not one.contract and contract == CONTRACTS[0])]
    return "".join(one.figure if one.met else f"**{one.figure}**" for one in of)


def _is(*, met: bool) -> str:
    return "met" if met else "**not met**"


def contenders(contract: str) -> Iterator[str]:
    """Return the contenders of a contract, as a list."""
    for contender in CONTENDERS:
        if contender.contract == contract:
            yield f"- **{contender.name}**: {contender.title}"


def decisive(comparison: Comparison) -> Iterator[str]:
    """Return one setting on both contracts, in few columns."""
    columns = ("contract", "contender", "wall", "of the floor", "faster than sequential", "CPU", "requests", "peak")
    rows = []
    for contender in _in(comparison):
        middle = partial(comparison.middle, contender.key)
        rows.append(
            (
                contender.contract,
                contender.name,
                f"{middle(growth.wall):.2f} s",
                *_ratios(comparison, contender),
                f"{middle(growth.cpu):.2f} s",
                f"{middle(lambda sample: sample.requests):,.0f}",
                f"{middle(growth.peak) / 1e6:.0f} MB",
            )
        )
    return table(columns, rows)


def side_by_side(contract: str, comparisons: Iterable[Comparison]) -> Iterator[str]:
    """Return all settings on one contract."""
    columns = (
        "agents",
        "latency",
        "contender",
        "runs",
        "requests",
        "at once",
        "wall",
        "CPU",
        "peak",
        "server busy",
        "wall of the floor",
        "faster than sequential",
        "CPU of the floor",
    )
    return table(columns, (row for comparison in comparisons for row in _rows(contract, comparison)))


def _rows(contract: str, comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for contender in _in(comparison):
        if contender.contract != contract:
            continue
        walls = [sample.wall for sample in comparison.samples[contender.key]]
        middle = partial(comparison.middle, contender.key)
        yield (
            f"{comparison.setting.agents:,}",
            f"{comparison.setting.latency_ms} ms",
            contender.name,
            str(len(walls)),
            f"{middle(lambda sample: sample.requests):,.0f}",
            f"{middle(lambda sample: sample.most_at_once):.0f}",
            f"{median(walls):.2f} s" + (f" ({min(walls):.2f} to {max(walls):.2f})" if len(walls) > 1 else ""),
            f"{middle(growth.cpu):.2f} s",
            f"{middle(growth.peak) / 1e6:.1f} MB",
            f"{middle(lambda sample: sample.server_cpu / sample.wall):.0%}",
            *_ratios(comparison, contender),
            ""
            if contender.name == FLOOR
            else f"{comparison.ratio(contender.key, f'{contender.contract} {FLOOR}', growth.cpu):.2f} x",
        )


def _ratios(comparison: Comparison, contender: Contender) -> tuple[str, str]:
    floor, sequential = (f"{contender.contract} {name}" for name in (FLOOR, SEQUENTIAL))
    of_floor = faster = ""
    if contender.name != FLOOR:
        of_floor = f"{comparison.ratio(contender.key, floor, growth.wall):.2f} x"
    if contender.name != SEQUENTIAL and sequential in comparison.samples:
        faster = f"{comparison.ratio(sequential, contender.key, growth.wall):.1f} x"
    return of_floor, faster


def _in(comparison: Comparison) -> Iterator[Contender]:
    return (contender for contender in CONTENDERS if contender.key in comparison.samples)


def limits(limited: Iterable[LimitedRuns]) -> Iterator[str]:
    """Return the results under each rate limit."""
    columns = (
        "contract",
        "allowed",
        "Retry-After",
        "agents",
        "runs",
        "requests",
        "throttled",
        "after 1 s",
        "of the allowed",
        "of the rate after 1 s",
        "seconds",
        "shortest possible",
    )
    rows = []
    for of in limited:
        for contract, runs in of.runs.items():
            each = [reached(run, of.limit) for run in runs]
            shares = [one.whole for one in each]
            let_through = median(len(run.let_through) for run in runs)
            rows.append(
                (
                    contract,
                    f"{of.limit.rate}/s",
                    "yes" if of.limit.retry_after == "seconds" else "no",
                    f"{of.limit.agents:,}",
                    str(len(runs)),
                    f"{median(run.sample.requests for run in runs):,.0f}",
                    f"{median(run.sample.throttled for run in runs):,.0f}",
                    f"{median(one.throttled for one in each):.1%}",
                    f"{median(shares):.1%} ({min(shares):.1%} to {max(shares):.1%})",
                    f"{median(one.steady for one in each):.1%}",
                    f"{median(run.let_through[-1] for run in runs):.2f}",
                    f"{shortest(round(let_through), of.limit):.2f}",
                )
            )
    return table(columns, rows)


def grown(results: Results) -> Iterator[str]:
    """Return the growth per further agent, between neighbouring populations."""
    rows = []
    for contender in CONTENDERS:
        steps = [growth.steps(results, contender.key, what) for what in (growth.wall, growth.cpu, growth.peak)]
        rows += [
            (
                contender.contract,
                contender.name,
                f"{wall.least:,} to {wall.most:,}",
                f"{wall.each * 1e6:.1f} us",
                f"{cpu.each * 1e6:.1f} us",
                f"{peak.each / 1000:.2f} kB",
            )
            for wall, cpu, peak in zip(*steps, strict=True)
        ]
    return table(("contract", "contender", "agents", "wall", "CPU", "memory"), rows)


def polls(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """Return the delta polls of an idle tenant."""
    rows = []
    for comparison in comparisons:
        for poller in POLLERS:
            of = comparison.polls.get(poller.name, ())
            if not of:
                continue
            milliseconds = [poll.seconds * 1000 for poll in of]
            rows.append(
                (
                    f"{comparison.setting.agents:,}",
                    f"{comparison.setting.latency_ms} ms",
                    poller.name,
                    str(len(of)),
                    " to ".join(str(count) for count in sorted({poll.requests for poll in of})),
                    f"{median(milliseconds):.2f} ms ({min(milliseconds):.2f} to {max(milliseconds):.2f})",
                    "" if poller is BY_HAND else f"{poll_ratio(comparison, poller):.0%}",
                )
            )
    columns = ("agents", "latency", "poller", "polls", "requests of each", "a poll", f"of {BY_HAND.name}'s time")
    return table(columns, rows)


def live(results: Results) -> Iterator[str]:
    """The looks of the live poller beside those of a script."""
    rows = [
        (
            f"{runs.setting.agents:,}",
            name,
            str(len(looks)),
            f"{median(look.wall for look in looks) * 1000:,.1f} ms",
            f"{median(look.cpu for look in looks) * 1000:,.2f} ms",
            f"{median(look.cpu for look in looks) / runs.setting.agents * 1e6:.2f} us",
            f"{median(look.requests for look in looks):,.0f}",
        )
        for runs in results.live
        for name, looks in runs.looks.items()
    ]
    return table(("agents", "what", "looks", "wall", "CPU", "CPU an agent", "requests"), rows)


def measures(measured: Iterable[Measure]) -> Iterator[str]:
    """Each figure."""
    rows = [(one.what, one.figure) for one in measured]
    return table(("what", "figure"), rows)


def live_kinds() -> Iterator[str]:
    """Return the looks, as a list."""
    for kind in KINDS:
        yield f"- **{kind.name}**: {kind.title}"


def pollers() -> Iterator[str]:
    """Return the pollers, as a list."""
    for poller in POLLERS:
        yield f"- **{poller.name}**: {poller.title}"


def cold_start(results: Results) -> Iterator[str]:
    """Return the start time of each command."""
    rows = []
    for command in COLD_STARTS:
        walls = [wall * 1000 for wall in results.cold_starts[command.name]]
        ratio = "" if command is BARE else f"{start_ratio(results, command):.2f} x"
        shown = f"{median(walls):.1f} ms ({min(walls):.1f} to {max(walls):.1f})"
        rows.append((command.title, str(len(walls)), shown, ratio))
    return table(("command", "runs", "wall", "bare interpreter"), rows)


def server_alone(capacities: Iterable[Capacity]) -> Iterator[str]:
    """Return how much each server can serve."""
    rows = (
        (
            f"`quality/bench/{capacity.served}.py`",
            f"{capacity.agents:,}",
            capacity.contract,
            capacity.asked,
            f"{capacity.requests / capacity.seconds:,.0f}",
            f"{capacity.server_cpu / capacity.seconds:.0%}",
            f"{capacity.requests / capacity.server_cpu:,.0f}",
        )
        for capacity in capacities
    )
    columns = ("server", "agents", "contract", "responses", "requests/s", "server busy", "requests per CPU second")
    return table(columns, rows)


def busiest(results: Results) -> str:
    """Return in which settings the server was busiest, as a sentence."""
    shares = [
        (
            comparison.middle(f"{contract} {name}", lambda sample: sample.server_cpu / sample.wall),
            name,
            contract,
            comparison,
        )
        for comparison in results.comparisons
        for contract in CONTRACTS
        for name in (CHECK, FLOOR)
    ]
    lines = []
    for of in (CHECK, FLOOR):
        share, _, contract, comparison = max((one for one in shares if one[1] == of), key=lambda one: one[0])
        setting = comparison.setting
        lines.append(
            f"{share:.0%} of the time beside `{of}` ({contract}, {setting.agents:,} agents, {setting.latency_ms} ms)"
        )
    return f"In the comparisons the server was busy for at most {' and '.join(lines)}; these are medians."
