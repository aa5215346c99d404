"""`python -m bench`: measure, print the page, and write it where that is asked for."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.dialogue import CHECKOUT
from bench.machine import describe
from bench.measure import cold_start, scratch, server_alone, side_by_side, warm_up
from bench.report import page
from bench.results import Results, Setting

PAGE = CHECKOUT / "docs" / "benchmark.md"
LATENCIES_MS = (0, 50)
POPULATIONS = (1_000, 10_000, 100_000)
LARGE = 100_000
"""From so many agents on runs take so long that fewer are made."""


def settings(repeats: int, *, quick: bool) -> list[Setting]:
    """Return what is measured: each population at each latency."""
    return [
        Setting(
            agents=agents,
            latency_ms=latency_ms,
            repeats=repeats if agents < LARGE else min(repeats, 3),
            slow_repeats=repeats if agents < LARGE else min(repeats, 1 if latency_ms else 3),
        )
        for agents in POPULATIONS
        if agents < LARGE or not quick
        for latency_ms in LATENCIES_MS
    ]


def main(arguments: Sequence[str]) -> None:
    """Run the benchmark as the options say."""
    options = _parser().parse_args(arguments)
    machine = describe()
    with scratch() as folder:
        place = Path(folder)
        _say("warming up")
        warm_up(place)
        results = Results(
            machine=machine,
            cold_starts=cold_start(place, _say),
            capacities=server_alone(place, _say),
            comparisons=[
                side_by_side(setting, place, _say) for setting in settings(options.repeats, quick=options.quick)
            ],
        )
    text = page(results)
    print(text)
    if options.json is not None:
        options.json.write_text(json.dumps(asdict(results), indent=1) + "\n")
    if options.write:
        PAGE.write_text(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure rollcall beside the usual scripts.")
    parser.add_argument("--quick", action="store_true", help=f"leave out the {LARGE:,} agents (four minutes, not ten)")
    parser.add_argument("--repeats", type=_count, default=5, help="runs of each contender in each setting (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single run to this file, too")
    parser.add_argument("--write", action="store_true", help=f"write the page to {PAGE.relative_to(CHECKOUT)}")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
