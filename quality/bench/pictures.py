"""The pictures of the report; pure functions of the results."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from quality.bench import growth
from quality.bench.chart import Line, Panel, draw
from quality.bench.contenders import CHECK, CONTRACTS, FLOOR, SEQUENTIAL, STATES, THREADS
from quality.bench.results import Results, Sample

_NAMES = {
    SEQUENTIAL: ("one by one", "a"),
    THREADS: ("16 threads", "b"),
    FLOOR: ("floor", "c"),
    CHECK: ("check", "d"),
    STATES: ("states", "e"),
}
"""The label of a contender in pictures, and its style."""
WALL, GROWTH = "benchmark-wall.svg", "benchmark-growth.svg"
_WAITING_MS = 50


def pictures(results: Results) -> Mapping[str, str]:
    """Return the pictures by file name."""
    latencies = sorted({one.setting.latency_ms for one in results.comparisons})
    waiting = _WAITING_MS if _WAITING_MS in latencies else latencies[-1]
    return {
        WALL: draw(
            f"Seconds for all states, at {waiting} ms latency",
            [
                _panel(results, contract, waiting, "wall, seconds", growth.wall, (SEQUENTIAL, THREADS, FLOOR, CHECK))
                for contract in CONTRACTS
            ],
        ),
        GROWTH: draw(
            "How time and memory grow, without latency",
            [
                _panel(results, contract, 0, title, what, names)
                for title, what, names in (
                    ("CPU, seconds", growth.cpu, (SEQUENTIAL, THREADS, FLOOR, CHECK)),
                    ("peak memory, MB", _megabytes, (SEQUENTIAL, FLOOR, CHECK, STATES)),
                )
                for contract in CONTRACTS
            ],
        ),
    }


def _panel(
    results: Results,
    contract: str,
    latency_ms: int,
    y_title: str,
    what: Callable[[Sample], float],
    names: Sequence[str],
) -> Panel:
    lines = []
    for name in names:
        points = list(_points(results, f"{contract} {name}", latency_ms, what))
        if points:
            lines.append(Line(*_NAMES[name], points))
    return Panel(contract, "agents", y_title, lines, _worth)


def _points(
    results: Results, contender: str, latency_ms: int, what: Callable[[Sample], float]
) -> Iterator[tuple[float, float]]:
    for comparison in results.at(latency_ms):
        if contender in comparison.samples:
            yield comparison.setting.agents, comparison.middle(contender, what)


def _megabytes(sample: Sample) -> float:
    return sample.peak / 1e6


def _worth(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
