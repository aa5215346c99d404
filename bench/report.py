"""The page of the results, as Markdown."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from statistics import median

from bench.contenders import BARE, BASELINES, COLD_STARTS, CONTENDERS
from bench.polls import BY_HAND, POLLERS
from bench.results import Capacity, Comparison, Results
from bench.targets import growths, judge, poll_ratio, speed_up, start_ratio

HEAD = """\
# Benchmark

Written by the benchmark itself (`python3 dev.py bench --write`); do not edit.

Each contender runs in a process of its own, in turn with the others, against an emulated tenant that runs in
another process on the same machine, over loopback, and speaks both contracts. Wall and CPU are those of the whole
command, the start of the interpreter included; figures are medians, the range of the walls stands in brackets. Peak is
the resident memory of the process at its largest. *At once* is how many requests the server had in hand at most;
without latency it answers each before it reads the next. *Server busy* is how much of the wall the server's process was
on a core: the closer to 100 %, the more the figure is about the emulated tenant and not about the contender. A kB is
1,000 bytes.
"""


def page(results: Results) -> str:
    """Return the whole page."""
    return "\n".join(
        [
            HEAD,
            *_section("Targets", _targets(results)),
            *(
                line
                for contract in BASELINES
                for line in _section(
                    f"Side by side: {contract}", _contenders(contract), _side_by_side(contract, results.comparisons)
                )
            ),
            *_section("Delta polls of an idle tenant", [DELTA_POLLS], _pollers(), _polls(results.comparisons)),
            *_section("Memory for each further agent", _growth(results)),
            *_section("Cold start", _cold_start(results)),
            *_section("The server alone", [SERVER_ALONE], _server_alone(results.capacities)),
            *_section("Machine and versions", _table(("what", "is"), results.machine.items())),
        ]
    )


DELTA_POLLS = """\
Over incontact: who has changed since the last poll? Nobody has. Each poller is a process that stays, with its token
and its connection at hand; the time is from the question to its value in Python, the requests are those that the
server saw."""

SERVER_ALONE = """\
Bare aiohttp clients in one further process ask for 100-agent answers and throw them away. The last column is what
one core of this machine can give when nothing else holds the server up."""


def _section(title: str, *parts: Iterable[str]) -> Iterator[str]:
    yield f"## {title}\n"
    for part in parts:
        yield from part
        yield ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(columns)
    yield _row(["---"] * len(columns))
    for row in rows:
        yield _row(row)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _targets(results: Results) -> Iterator[str]:
    rows = ((target, figure, "met" if met else "**not met**") for target, figure, met in judge(results))
    return _table(("target", "measured", "is"), rows)


def _contenders(contract: str) -> Iterator[str]:
    for contender in CONTENDERS:
        if contender.contract == contract:
            yield f"- **{contender.name}**: {contender.title}"


def _side_by_side(contract: str, comparisons: Iterable[Comparison]) -> Iterator[str]:
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
        f"faster than {BASELINES[contract].name}",
    )
    return _table(columns, (row for comparison in comparisons for row in _rows(contract, comparison)))


def _rows(contract: str, comparison: Comparison) -> Iterator[tuple[str, ...]]:
    for contender in CONTENDERS:
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
            f"{middle(lambda sample: sample.cpu):.2f} s",
            f"{middle(lambda sample: sample.peak) / 1e6:.1f} MB",
            f"{middle(lambda sample: sample.server_cpu / sample.wall):.0%}",
            "" if contender is BASELINES[contract] else f"**{speed_up(comparison, contender):.1f} x**",
        )


def _pollers() -> Iterator[str]:
    for poller in POLLERS:
        yield f"- **{poller.name}**: {poller.title}"


def _polls(comparisons: Iterable[Comparison]) -> Iterator[str]:
    rows = []
    for comparison in comparisons:
        for poller in POLLERS:
            polls = comparison.polls[poller.name]
            milliseconds = [poll.seconds * 1000 for poll in polls]
            rows.append(
                (
                    f"{comparison.setting.agents:,}",
                    f"{comparison.setting.latency_ms} ms",
                    poller.name,
                    str(len(polls)),
                    " to ".join(str(count) for count in sorted({poll.requests for poll in polls})),
                    f"{median(milliseconds):.2f} ms ({min(milliseconds):.2f} to {max(milliseconds):.2f})",
                    "" if poller is BY_HAND else f"{poll_ratio(comparison, poller):.0%}",
                )
            )
    columns = ("agents", "latency", "poller", "polls", "requests of each", "a poll", f"of {BY_HAND.name}'s time")
    return _table(columns, rows)


def _growth(results: Results) -> Iterator[str]:
    rows = (
        (
            contender.contract,
            contender.name,
            f"{latency_ms} ms",
            f"{grown.least:,} to {grown.most:,}",
            f"{grown.kilobytes:.2f} kB",
        )
        for contender in CONTENDERS
        for latency_ms, grown in growths(results, contender)
    )
    return _table(("contract", "contender", "latency", "agents", "for each further agent"), rows)


def _cold_start(results: Results) -> Iterator[str]:
    rows = []
    for command in COLD_STARTS:
        walls = [wall * 1000 for wall in results.cold_starts[command.name]]
        ratio = "" if command is BARE else f"{start_ratio(results, command):.2f} x"
        shown = f"{median(walls):.1f} ms ({min(walls):.1f} to {max(walls):.1f})"
        rows.append((command.title, str(len(walls)), shown, ratio))
    return _table(("command", "runs", "wall", "bare interpreter"), rows)


def _server_alone(capacities: Iterable[Capacity]) -> Iterator[str]:
    rows = (
        (
            capacity.contract,
            capacity.asked,
            str(capacity.clients),
            f"{capacity.requests / capacity.seconds:,.0f}",
            f"{capacity.server_cpu / capacity.seconds:.0%}",
            f"{capacity.requests / capacity.server_cpu:,.0f}",
        )
        for capacity in capacities
    )
    return _table(("contract", "answers", "clients", "requests/s", "server busy", "requests for each CPU second"), rows)
